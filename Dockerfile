# An image of `plusx serve`, from a folder in which plusx is installed:
#
#   npm install plusx
#   docker build -f node_modules/plusx/Dockerfile -t plusx .
#
# All that it holds is copied from that folder, so that nothing is fetched but the base image.
FROM node:24-slim

ENV NODE_ENV=production
WORKDIR /app

# Root's own, so that the server cannot change what it runs. A configuration comes along where there is one.
COPY package.json plusx.config.* ./
COPY node_modules ./node_modules

# The only folder that it writes to: keys, accounts and traces.
RUN mkdir .plusx && chown 1000:1000 .plusx
VOLUME ["/app/.plusx"]

USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "node_modules/plusx/dist/cli/main.js"]
CMD ["serve", "--host", "0.0.0.0", "--store", ".plusx/serve.db"]
