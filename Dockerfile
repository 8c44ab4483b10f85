# The bot in a container: as a user without rights, from hash-locked packages. Build: docker build -t countersign .
# It needs no file of its own but a SQLite record, if DATABASE_URL names one: mount a volume at /var/lib/countersign.
FROM python:3.13-slim AS packages
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.txt \
 && /opt/venv/bin/python -m compileall -q /opt/venv/lib

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/countersign --create-home countersign
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY bot bot
COPY deletion deletion
COPY handlers handlers
COPY storage storage
COPY vod vod
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATABASE_URL=sqlite:////var/lib/countersign/countersign.db
USER 10001
VOLUME /var/lib/countersign
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
