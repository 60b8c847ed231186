#!/bin/sh
# Makes a folder of secrets, a file each, named as the setting: for deploy/compose.yml and deploy/systemd.
#   deploy/new-secrets.sh FOLDER [DATABASE_HOST]
# What is there is never replaced: a lost key makes what it sealed unreadable. What a provider hands out (LINE, Slack,
# mail, single sign-on) stays an empty file, which switches it off, until the owner fills it in.
# The folder is closed to everybody but its owner. The files are not: Docker shows a file of secrets to a container with
# the owner and mode that it has here, and the processes there are neither root nor us.
set -eu
folder=${1:?FOLDER is missing}
host=${2:-postgres}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

keep() {
    [ -e "$folder/$1" ] && return
    printf '%s' "$2" >"$folder/$1.new"
    chmod 444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
}
key() { head -c 32 /dev/urandom | base64 -w0; }
word() { head -c 32 /dev/urandom | base64 -w0 | tr '+/' '-_' | tr -d '='; }

for name in postgres owner app rasa; do keep "$name-password" "$(word)"; done
keep MADOGUCHI_DATABASE_URL "postgresql+psycopg://madoguchi_app:$(cat "$folder/app-password")@$host/madoguchi"
keep owner-database-url "postgresql+psycopg://madoguchi_owner:$(cat "$folder/owner-password")@$host/madoguchi"
keep MADOGUCHI_TRACKER_URL "postgresql://rasa:$(cat "$folder/rasa-password")@$host/tracker"
for name in ENCRYPTION_KEY HASH_KEY DIGEST_KEY; do keep "MADOGUCHI_$name" "$(key)"; done
keep MADOGUCHI_INTERNAL_TOKEN "$(word)"
for name in ENCRYPTION_KEYS_BEFORE SMTP_URL MEMBER_TOKEN_KEYS LINE_CHANNEL_SECRET LINE_ACCESS_TOKEN \
    SLACK_SIGNING_SECRET SLACK_BOT_TOKEN RATE_STORAGE_URL OIDC_CLIENT_SECRET; do keep "MADOGUCHI_$name" ""; done
# What `madoguchi controllers split` fills, where further companies are served.
for process in actions web jobs console; do
    mkdir -p "$folder/controllers/$process"
    chmod 755 "$folder/controllers/$process"
done
