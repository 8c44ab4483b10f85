"""Several calls of one deletion at once; holds, stops, freezes, the canary."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "ALTER TABLE proposals ADD COLUMN hold_until_ms {big}",
    "ALTER TABLE proposals ADD COLUMN started_ms {big}",
    # Canonical JSON: why, and by whom, the deletion was stopped. From then on nothing more is sent.
    "ALTER TABLE proposals ADD COLUMN halted TEXT",
    # How many lanes its items are dealt out to, and whether the first item is still being tried alone.
    "ALTER TABLE proposals ADD COLUMN lanes {big} NOT NULL DEFAULT 1",
    "ALTER TABLE proposals ADD COLUMN canary {big} NOT NULL DEFAULT 0",
    "ALTER TABLE items ADD COLUMN batch {big} NOT NULL DEFAULT 0",
    "CREATE INDEX items_unsettled ON items (proposal_id, due_ms) WHERE state <> 'settled'",
    # One job per lane. SQLite cannot change a constraint, so there the table is made anew.
    {
        "sqlite": """
            CREATE TABLE jobs_by_lane (
                id {serial},
                kind TEXT NOT NULL,
                ref {big} NOT NULL,
                lane {big} NOT NULL DEFAULT 0,
                state TEXT NOT NULL,
                due_ms {big} NOT NULL,
                attempts {big} NOT NULL DEFAULT 0,
                owner TEXT,
                lease_ms {big} NOT NULL DEFAULT 0,
                UNIQUE (kind, ref, lane)
            ) {strict}
        """,
        "postgres": "ALTER TABLE jobs ADD COLUMN lane BIGINT NOT NULL DEFAULT 0",
    },
    {
        "sqlite": """
            INSERT INTO jobs_by_lane (id, kind, ref, state, due_ms, attempts, owner, lease_ms)
            SELECT id, kind, ref, state, due_ms, attempts, owner, lease_ms FROM jobs
        """,
        "postgres": "ALTER TABLE jobs DROP CONSTRAINT jobs_kind_ref_key",
    },
    {
        "sqlite": "DROP TABLE jobs",
        "postgres": "ALTER TABLE jobs ADD CONSTRAINT jobs_kind_ref_lane_key UNIQUE (kind, ref, lane)",
    },
    {"sqlite": "ALTER TABLE jobs_by_lane RENAME TO jobs"},
    {"sqlite": "CREATE INDEX jobs_due ON jobs (due_ms) WHERE state = 'queued'"},
    # In place of "pace": the rate adapts, and turns are finer than a millisecond.
    "DROP TABLE pace",
    """
    CREATE TABLE quotas (
        name TEXT PRIMARY KEY,
        next_us {big} NOT NULL,
        percent {big} NOT NULL DEFAULT 100,
        changed_ms {big} NOT NULL DEFAULT 0
    ) {strict}
    """,
    """
    CREATE TABLE freezes (
        id {serial},
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        channel TEXT NOT NULL,
        reason TEXT NOT NULL,
        frozen_ms {big} NOT NULL,
        thawed_ms {big}
    ) {strict}
    """,
    # Safety net under the rule: there is one freeze at a time.
    "CREATE UNIQUE INDEX freezes_one_at_a_time ON freezes ((thawed_ms IS NULL)) WHERE thawed_ms IS NULL",
    """
    CREATE TABLE thaws (
        id {serial},
        freeze_id {big} NOT NULL REFERENCES freezes (id),
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        channel TEXT NOT NULL,
        state TEXT NOT NULL,
        cast_ms {big} NOT NULL,
        settled_ms {big}
    ) {strict}
    """,
    "CREATE UNIQUE INDEX thaws_one_each ON thaws (freeze_id, team, person) WHERE state IN ('cast', 'counted')",
    # When people were last told of something that would otherwise be said again and again.
    """
    CREATE TABLE told (
        proposal_id {big} NOT NULL REFERENCES proposals (id),
        what TEXT NOT NULL,
        at_ms {big} NOT NULL,
        PRIMARY KEY (proposal_id, what)
    ) {strict}
    """,
)
