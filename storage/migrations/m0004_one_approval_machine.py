"""One table of votes for whatever people approve; messages go to places by name; the audit channel's messages."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    # Votes name their subject: a proposal, a freeze to be ended. SQLite cannot drop a reference to proposals.
    {
        "sqlite": """
            CREATE TABLE votes_by_subject (
                id {serial},
                subject_id {big} NOT NULL,
                digest TEXT NOT NULL,
                voter_team TEXT NOT NULL,
                voter TEXT NOT NULL,
                channel TEXT NOT NULL,
                state TEXT NOT NULL,
                note TEXT NOT NULL DEFAULT '{}',
                cast_ms {big} NOT NULL,
                settled_ms {big},
                subject_kind TEXT NOT NULL
            ) {strict}
        """,
        "postgres": "ALTER TABLE votes DROP CONSTRAINT votes_proposal_id_fkey",
    },
    {
        "sqlite": """
            INSERT INTO votes_by_subject (id, subject_id, digest, voter_team, voter, channel, state, note, cast_ms,
                                          settled_ms, subject_kind)
            SELECT id, proposal_id, digest, voter_team, voter, channel, state, note, cast_ms, settled_ms, 'proposal'
            FROM votes
        """,
        "postgres": "ALTER TABLE votes RENAME COLUMN proposal_id TO subject_id",
    },
    {
        "sqlite": "DROP TABLE votes",
        "postgres": "ALTER TABLE votes ADD COLUMN subject_kind TEXT NOT NULL DEFAULT 'proposal'",
    },
    {
        "sqlite": "ALTER TABLE votes_by_subject RENAME TO votes",
        "postgres": "ALTER TABLE votes ALTER COLUMN subject_kind DROP DEFAULT",
    },
    {"postgres": "DROP INDEX votes_one_each"},
    "CREATE INDEX votes_of_subject ON votes (subject_kind, subject_id, id)",
    # Safety net under the rule: one live vote per person and subject, whatever the code does.
    """
    CREATE UNIQUE INDEX votes_one_each ON votes (subject_kind, subject_id, digest, voter_team, voter)
        WHERE state IN ('cast', 'counted')
    """,
    # What a plan amounts to; NULL in those of earlier versions, which are read when that is asked for.
    "ALTER TABLE plans ADD COLUMN targets {big}",
    "ALTER TABLE plans ADD COLUMN bytes {big}",
    "ALTER TABLE plans ADD COLUMN first_title TEXT",
    "ALTER TABLE freezes ADD COLUMN digest TEXT NOT NULL DEFAULT ''",
    # Those of earlier versions had none; any text does that is this freeze's own.
    "UPDATE freezes SET digest = 'freeze/' || id",
    # What asked to end a freeze is a vote now. The jobs that count them come first: they name the old numbers.
    """
    UPDATE jobs SET kind = 'count', ref = ref + (SELECT COALESCE(max(id), 0) FROM votes) WHERE kind = 'thaw'
    """,
    """
    INSERT INTO votes (id, subject_id, digest, voter_team, voter, channel, state, cast_ms, settled_ms, subject_kind)
    SELECT id + (SELECT COALESCE(max(id), 0) FROM votes), freeze_id, 'freeze/' || freeze_id, team, person, channel,
           state, cast_ms, settled_ms, 'freeze'
    FROM thaws
    """,
    {"postgres": "SELECT setval(pg_get_serial_sequence('votes', 'id'), 1 + COALESCE(max(id), 0)) FROM votes"},
    "DROP TABLE thaws",
    # Messages go to places by name; which channel that is, the settings say when a message is sent.
    "UPDATE outbox SET lane = 'approvals' WHERE kind IN ('card', 'thread', 'channel')",
    "UPDATE outbox SET lane = 'audit' WHERE kind = 'audit'",
    "UPDATE outbox SET lane = 'person:' || lane WHERE kind = 'direct'",
    "UPDATE outbox SET lane = 'list:' || proposal_id WHERE kind = 'manifest'",
    "DELETE FROM lanes",
    "INSERT INTO lanes (lane) VALUES ('approvals'), ('audit')",
    "INSERT INTO lanes (lane) SELECT DISTINCT lane FROM outbox WHERE TRUE ON CONFLICT DO NOTHING",
    """
    INSERT INTO lanes (lane) SELECT DISTINCT 'person:' || proposer FROM proposals WHERE TRUE ON CONFLICT DO NOTHING
    """,
    # The message of the audit channel that shows a proposal, and how far the log was posted.
    "ALTER TABLE proposals ADD COLUMN audit_channel TEXT",
    "ALTER TABLE proposals ADD COLUMN audit_ts TEXT",
    "ALTER TABLE audit_head ADD COLUMN posted_seq {big} NOT NULL DEFAULT 0",
    "ALTER TABLE audit_head ADD COLUMN head_posted_ms {big} NOT NULL DEFAULT 0",
    "UPDATE audit_head SET posted_seq = (SELECT COALESCE(max(seq), 0) FROM anchors)",
    # Never read by anything.
    "ALTER TABLE proposals DROP COLUMN origin_channel",
)
