# docker build -t codegym-mcp . && docker run -i --rm codegym-mcp serve coin_change
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE requirements.lock ./
COPY codegym_mcp codegym_mcp
COPY servers servers
RUN python -m venv /opt/codegym && /opt/codegym/bin/pip install --no-cache-dir -c requirements.lock .

FROM python:3.12-slim
COPY --from=build /opt/codegym /opt/codegym
RUN useradd --system --no-create-home --uid 10001 codegym
USER codegym
WORKDIR /tmp
EXPOSE 8000
ENTRYPOINT ["/opt/codegym/bin/codegym"]
CMD ["serve", "--transport", "http", "--host", "0.0.0.0"]
