# syntax=docker/dockerfile:1
# The same steps as `make install`, with the locked requirements and nothing else.

FROM python:3.13-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/outdial
COPY requirements.lock requirements-build.lock ./
RUN /opt/outdial/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY dialer dialer
COPY partner partner
COPY sandbox sandbox
COPY service service
COPY workers workers
COPY outdial outdial
COPY migrations migrations
RUN /opt/outdial/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/outdial/bin/pip uninstall --yes setuptools

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/outdial --create-home outdial
COPY --from=build /opt/outdial /opt/outdial
ENV PATH=/opt/outdial/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OUTDIAL_HOME=/var/lib/outdial
USER 10001
WORKDIR /var/lib/outdial
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
# `serve` answers HTTP, `work` dials, `migrate` brings the schema up to date.
ENTRYPOINT ["outdial"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
