# One image for every part: the command, or the manifest of a part, says which main file it runs. Node runs the TypeScript sources as they are.
# Built from the root of the repository: docker build -t wagerline .
FROM node:24.21.0-bookworm-slim

ENV NODE_ENV=production
WORKDIR /app

# The manifests first, so that a change of the sources alone does not install the dependencies anew.
COPY package.json package-lock.json .npmrc ./
COPY shared-kernel/package.json shared-kernel/
COPY infra/package.json infra/
COPY command-side/package.json command-side/
COPY projections/package.json projections/
COPY query-side/package.json query-side/
COPY scripts/package.json scripts/
# The image brings its Node: the platform packages that bring one to a developer's machine are left out.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force

COPY shared-kernel shared-kernel
COPY infra infra
COPY command-side command-side
COPY projections projections
COPY query-side query-side

# Where a part keeps what it can lose: the settlement worker's index, in development the demo keys.
RUN mkdir /data && chown node:node /data
ENV WAGERLINE_DATA_DIR=/data WAGERLINE_HOST=0.0.0.0
USER node
EXPOSE 4000
# A part stops on SIGTERM: Node is the container's first process, with no shell or npm between.
CMD ["node", "command-side/src/main.ts"]
