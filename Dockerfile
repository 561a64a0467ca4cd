# Two stages: the first installs what the lock file names, hash by hash; the second holds only what runs.
FROM python:3.11-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements/run.txt /tmp/run.txt
RUN /venv/bin/pip install --require-hashes -r /tmp/run.txt
COPY bot /app/bot
COPY channels /app/channels
COPY store /app/store
COPY scripts /app/scripts
RUN /venv/bin/python -m compileall -q /app/bot /app/channels /app/store

FROM python:3.11-slim-trixie
# The Chinese font for evidence (PDF), and pg_dump for backups.
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/yinuo --create-home --shell /usr/sbin/nologin yinuo \
    && install -d -o 10001 -m 0700 /backups /keys /var/lib/yinuo
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MPLCONFIGDIR=/tmp \
    ENVIRONMENT=production YINUO_HOST=0.0.0.0 YINUO_PORT=8400 YINUO_VAR=/var/lib/yinuo \
    DATABASE_URL=sqlite:////var/lib/yinuo/yinuo.db
WORKDIR /app
USER 10001
VOLUME /keys /var/lib/yinuo
EXPOSE 8400
# Doors: ready when the database answers and is not too old in shape. A worker's check is its heartbeat, see compose.yaml.
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8400/readyz', timeout=5)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve"]
