#!/bin/sh
# How long `quell check` takes for one file and for ten thousand, from start to end; three times each.
# Usage: benches/check-speed.sh [QUELL]
set -eu
quell=$(realpath "${1:-target/release/quell}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p one/rules one/playbooks many/rules many/playbooks

filter() {
    printf 'id: filter-%s\ntitle: Scanner %s at night\nreason: expected_activity\nowner: secops@example.com\n' "$1" "$1"
    printf 'expires: 2099-03-31\nmatch:\n  alert_type|startswith: Port%s\n  severity|lte: medium\n' "$1"
    printf '  entities.ip.address|cidr: [10.%s.%s.0/24, 192.0.2.7]\n' "$(($1 / 256))" "$(($1 % 256))"
    printf 'tests:\n  - name: quiet\n    alert: {alert_type: Port%s, severity: low, entities: [{type: ip, address: 192.0.2.7}]}\n' "$1"
    printf '    expect: dismissed\n'
}

filter 1 > one/rules/one.yaml
number=0
while [ "$number" -lt 10000 ]; do
    team=many/rules/team-$((number / 500))
    mkdir -p "$team"
    filter "$number" > "$team/filter-$number.yaml"
    number=$((number + 1))
done

for set in one many; do
    cd "$folder/$set"
    for _ in 1 2 3; do
        start=$(date +%s%N)
        "$quell" check
        end=$(date +%s%N)
        echo "$set: $(((end - start) / 1000000)) ms"
    done
done
