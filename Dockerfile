# The csl command with the torch engine on the CPU.
#
#   docker build -t csl .
#   docker run --rm -v "$PWD:/work" csl diagnose --data labels.csv
#
# Not built yet: no container engine was at hand. It installs what npm has, so it needs a release.
FROM node:24-bookworm-slim
ARG VERSION=latest
# libtorch of Debian, and the compiler that binds it to Node once, below.
RUN apt-get update && apt-get install -y --no-install-recommends g++ libtorch-dev && rm -rf /var/lib/apt/lists/*
ENV CSL_CACHE=/opt/csl
RUN npm install --global @csl/cli@$VERSION @csl/scenes@$VERSION @csl/tfjs-backend-torch@$VERSION && npm cache clean --force
# The last word opens the cache to the user that runs the command.
RUN mkdir -p /opt/csl && csl engines build-torch && chmod -R a+rwX /opt/csl
USER node
WORKDIR /work
ENTRYPOINT ["csl"]
CMD ["--help"]
