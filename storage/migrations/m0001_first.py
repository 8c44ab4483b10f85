"""The first tables."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
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
