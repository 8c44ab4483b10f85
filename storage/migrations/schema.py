"""The tables, as one list of migrations for every engine; what was released is never edited, only added to.

Placeholders: ``{serial}`` a number the database gives out, ``{big}`` a 64-bit integer, ``{strict}`` the
engine's switch for checked column types. Times are milliseconds since 1970 UTC. Texts named after a JSON value
hold canonical JSON: the text is the record, so that a hash over it stays true.
"""

SET_NAME = "countersign"

Statement = str | dict[str, str]
"""One statement for every engine, or one for each by its name; an engine that is not named needs none."""

_FIRST: tuple[Statement, ...] = (
    """
    CREATE TABLE proposals (
        id {serial},
        team TEXT NOT NULL,
        proposer TEXT NOT NULL,
        origin_channel TEXT NOT NULL,
        kind TEXT NOT NULL,
        request TEXT NOT NULL,
        reason TEXT NOT NULL,
        state TEXT NOT NULL,
        state_note TEXT NOT NULL DEFAULT '{}',
        needed {big} NOT NULL,
        revision {big} NOT NULL DEFAULT 0,
        digest TEXT,
        created_ms {big} NOT NULL,
        collect_by_ms {big} NOT NULL,
        expires_ms {big} NOT NULL,
        decided_ms {big},
        execute_by_ms {big},
        finished_ms {big},
        card_channel TEXT,
        card_ts TEXT
    ) {strict}
    """,
    "CREATE INDEX proposals_open ON proposals (state, id)",
    """
    CREATE TABLE plans (
        proposal_id {big} NOT NULL REFERENCES proposals (id),
        revision {big} NOT NULL,
        digest TEXT NOT NULL,
        plan TEXT NOT NULL,
        drift TEXT NOT NULL,
        created_ms {big} NOT NULL,
        PRIMARY KEY (proposal_id, revision)
    ) {strict}
    """,
    """
    CREATE TABLE votes (
        id {serial},
        proposal_id {big} NOT NULL REFERENCES proposals (id),
        digest TEXT NOT NULL,
        voter_team TEXT NOT NULL,
        voter TEXT NOT NULL,
        channel TEXT NOT NULL,
        state TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '{}',
        cast_ms {big} NOT NULL,
        settled_ms {big}
    ) {strict}
    """,
    # Safety net under the rule: one live vote per person and plan, whatever the code does.
    """
    CREATE UNIQUE INDEX votes_one_each ON votes (proposal_id, digest, voter_team, voter)
        WHERE state IN ('cast', 'counted')
    """,
    """
    CREATE TABLE items (
        id {serial},
        proposal_id {big} NOT NULL REFERENCES proposals (id),
        ord {big} NOT NULL,
        target TEXT NOT NULL,
        state TEXT NOT NULL,
        outcome TEXT,
        note TEXT NOT NULL DEFAULT '{}',
        call_id TEXT,
        attempts {big} NOT NULL DEFAULT 0,
        due_ms {big} NOT NULL DEFAULT 0,
        settled_ms {big},
        UNIQUE (proposal_id, target)
    ) {strict}
    """,
    "CREATE INDEX items_pending ON items (proposal_id, ord) WHERE state = 'pending'",
    "CREATE INDEX items_sent ON items (call_id) WHERE state IN ('inflight', 'sent')",
    """
    CREATE TABLE calls (
        id TEXT PRIMARY KEY,
        proposal_id {big} NOT NULL REFERENCES proposals (id),
        action TEXT NOT NULL,
        targets TEXT NOT NULL,
        state TEXT NOT NULL,
        owner TEXT NOT NULL,
        lease_ms {big} NOT NULL,
        answer TEXT NOT NULL DEFAULT '{}',
        intent_ms {big} NOT NULL,
        done_ms {big}
    ) {strict}
    """,
    "CREATE INDEX calls_open ON calls (proposal_id) WHERE state = 'intent'",
    """
    CREATE TABLE jobs (
        id {serial},
        kind TEXT NOT NULL,
        ref {big} NOT NULL,
        state TEXT NOT NULL,
        due_ms {big} NOT NULL,
        attempts {big} NOT NULL DEFAULT 0,
        owner TEXT,
        lease_ms {big} NOT NULL DEFAULT 0,
        UNIQUE (kind, ref)
    ) {strict}
    """,
    "CREATE INDEX jobs_due ON jobs (due_ms) WHERE state = 'queued'",
    """
    CREATE TABLE outbox (
        id {serial},
        lane TEXT NOT NULL,
        kind TEXT NOT NULL,
        proposal_id {big},
        message TEXT NOT NULL,
        nonce TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts {big} NOT NULL DEFAULT 0,
        broken {big} NOT NULL DEFAULT 0,
        created_ms {big} NOT NULL,
        sent_ms {big},
        ts TEXT,
        error TEXT
    ) {strict}
    """,
    "CREATE INDEX outbox_waiting ON outbox (lane, id) WHERE state IN ('queued', 'sending')",
    """
    CREATE TABLE lanes (
        lane TEXT PRIMARY KEY,
        next_allowed_ms {big} NOT NULL DEFAULT 0,
        owner TEXT,
        lease_ms {big} NOT NULL DEFAULT 0
    ) {strict}
    """,
    """
    CREATE TABLE deliveries (
        key TEXT PRIMARY KEY,
        seen_ms {big} NOT NULL
    ) {strict}
    """,
    """
    CREATE TABLE pace (
        name TEXT PRIMARY KEY,
        next_ms {big} NOT NULL
    ) {strict}
    """,
    """
    CREATE TABLE audit (
        seq {big} PRIMARY KEY,
        prev TEXT NOT NULL,
        hash TEXT NOT NULL,
        event_hash TEXT NOT NULL,
        at_ms {big} NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        ref TEXT NOT NULL,
        payload TEXT NOT NULL
    ) {strict}
    """,
    "CREATE INDEX audit_ref ON audit (ref, seq)",
    """
    CREATE TABLE audit_head (
        id {big} PRIMARY KEY,
        seq {big} NOT NULL,
        hash TEXT NOT NULL
    ) {strict}
    """,
    "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '')",
    """
    CREATE TABLE anchors (
        seq {big} PRIMARY KEY,
        hash TEXT NOT NULL,
        outbox_id {big} NOT NULL
    ) {strict}
    """,
    # Accidents only: whoever owns the database can drop a trigger. What shows an edit is the chain.
    {
        "sqlite": """
            CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """,
        "postgres": """
            CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
        """,
    },
    {
        "sqlite": """
            CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """,
        "postgres": """
            CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
            EXECUTE FUNCTION audit_is_append_only()
        """,
    },
)

_SEVERAL_AT_WORK: tuple[Statement, ...] = (
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

_EVENLY: tuple[Statement, ...] = (
    # When the newest requests of an operation were sent, as a JSON list.
    "ALTER TABLE quotas ADD COLUMN sent TEXT NOT NULL DEFAULT '[]'",
    # Whoever sends holds this row meanwhile, and so does whoever freezes: the two never happen at once.
    "INSERT INTO quotas (name, next_us) VALUES ('the wire', 0)",
    # What is to be read back now is found without passing all that waits to be sent, which is due as well.
    "CREATE INDEX items_to_read_back ON items (proposal_id, due_ms, ord) WHERE state = 'sent'",
)

_PLAN_SUMMARIES: tuple[Statement, ...] = (
    # What a list of proposals says of a plan, which may be too long to be read for that. Empty in older plans.
    "ALTER TABLE plans ADD COLUMN targets {big}",
    "ALTER TABLE plans ADD COLUMN bytes {big}",
    "ALTER TABLE plans ADD COLUMN first_title TEXT",
)

MIGRATIONS: tuple[tuple[str, tuple[Statement, ...]], ...] = (
    ("0001_first", _FIRST),
    ("0002_several_at_work", _SEVERAL_AT_WORK),
    ("0003_evenly", _EVENLY),
    ("0004_plan_summaries", _PLAN_SUMMARIES),
)
"""(name, statements), oldest first."""


def statements_for(engine: str, statements: tuple[Statement, ...]) -> list[str]:
    """Return the statements as one engine wants them."""
    return [
        each if isinstance(each, str) else each[engine]
        for each in statements
        if engine in each or isinstance(each, str)
    ]
