"""Finding the proposals about one thing: parts of a video by that video, and what no rows of a plan name."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "ALTER TABLE proposals ADD COLUMN parts_of TEXT",
    {
        "sqlite": """
            UPDATE proposals SET parts_of = json_extract(request, '$.video_id')
            WHERE kind IN ('stream', 'image') AND json_valid(request)
        """,
        "postgres": """
            UPDATE proposals SET parts_of = substring(request from '"video_id":"([^"]*)"')
            WHERE request LIKE '{"by":"streams","video_id":"%' OR request LIKE '{"by":"images_of","video_id":"%'
        """,
    },
    "CREATE INDEX proposals_parts_of ON proposals (parts_of, id) WHERE parts_of IS NOT NULL",
    "CREATE INDEX proposals_unread ON proposals (id) WHERE revision = 0",
    "CREATE INDEX plans_in_one_text ON plans (proposal_id) WHERE rows_id IS NULL",
)
