# One image for every container that we build: node, console and the one-shot key differ only in their command.
# There is no `# syntax=` line, so the file builds offline and uses only what the engine's own BuildKit knows.
ARG NODE_IMAGE=node:24-trixie-slim

FROM ${NODE_IMAGE} AS base
WORKDIR /app
COPY package.json package-lock.json ./

# The control room's page is built here and copied on; the tools that build it stay behind.
FROM base AS page
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY shared ./shared
COPY services ./services
RUN npm run build:page

FROM base AS deps
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE} AS runtime
# No package manager is left in the image. The two directories belong to the user so that fresh volumes mounted there do.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn* \
 && install -d -o node -g node -m 0700 /run/lockstep /var/lib/lockstep
WORKDIR /app
ENV NODE_ENV=production NODE_OPTIONS="--max-old-space-size=128 --max-semi-space-size=1 --disable-proto=delete"
COPY --from=deps /app ./
COPY shared ./shared
COPY services ./services
COPY --from=page /app/dist/page ./dist/page
ARG VERSION=dev
LABEL org.opencontainers.image.title="Lockstep" \
      org.opencontainers.image.description="A live cluster lab: clocks in step, locks that hold" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
USER node
EXPOSE 4100
CMD ["node", "services/node/main.ts"]
