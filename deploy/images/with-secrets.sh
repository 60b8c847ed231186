#!/bin/sh
# Secrets come as files (of Docker, of systemd), settings are read from variables: each file becomes the variable of its
# name, in this process alone. Where the variables are set already, as Kubernetes does, there is nothing to do.
set -eu
folder=${CREDENTIALS_DIRECTORY:-/run/secrets}
for file in "$folder"/MADOGUCHI_*; do
    [ -f "$file" ] || continue
    value=$(cat "$file")
    export "${file##*/}=$value"
done
exec "$@"
