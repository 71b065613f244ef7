# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of restantectl(1) in bash. tst_restantectl holds it against the program's own table of commands.

_restantectl()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local first= second= options='--data-dir --json --help' words= at
    COMPREPLY=()

    case $previous in
        --data-dir)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            return
            ;;
        --passphrase-file)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        --after | --limit | --url | --pin | --for | --name | --known | --server-name | -n)
            return
            ;;
    esac
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${COMP_WORDS[at]} in
            --data-dir | --after | --limit | --url | --pin | --for | --name | --known | --passphrase-file | \
                --server-name | -n)
                ((at++))
                ;;
            -*) ;;
            *)
                if [[ -z $first ]]; then
                    first=${COMP_WORDS[at]}
                elif [[ -z $second ]]; then
                    second=${COMP_WORDS[at]}
                fi
                ;;
        esac
    done

    case "$first $second" in
        ' ')
            options+=' --version'
            words='status queues entries entry discard export serve relay retrieve outbox inbox send pause resume
                identity key backup restore log settings raise help'
            ;;
        'serve ') words='list add edit remove' ;;
        'relay ') words='list add edit remove test' ;;
        'outbox ') words='forget' ;;
        'inbox ') words='list show next export discard' ;;
        'identity ') words='show export import' ;;
        'key ') words='list pin forget' ;;
        'settings ') words='list get set' ;;
        'help ')
            words='status queues entries entry discard export serve relay retrieve outbox inbox send pause resume
                identity key backup restore log settings raise'
            ;;
    esac
    case "$first $second" in
        'queues '*) options+=' --users' ;;
        'entries '* | 'inbox list') options+=' --after --limit' ;;
        'discard '* | 'inbox discard') options+=' --all' ;;
        'serve add' | 'serve edit') options+=' --name --known' ;;
        'relay add') options+=' --url --pin --for --name --overlay' ;;
        'relay edit') options+=' --url --pin --for --name --overlay --no-overlay' ;;
        'relay remove') options+=' --for' ;;
        'relay test') options+=' --url --pin --for --overlay --no-overlay' ;;
        'retrieve '*) options+=' --cancel' ;;
        'identity export' | 'backup '* | 'restore '*) options+=' --passphrase-file' ;;
        'identity import') options+=' --passphrase-file --server-name' ;;
        'log '*) options+=' -n' ;;
    esac
    case "$first $second" in
        'export '?* | 'inbox export' | 'send ' | 'identity export' | 'identity import' | 'backup ' | 'restore ')
            if [[ $current != -* ]]; then
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
                return
            fi
            ;;
    esac
    [[ $current == -* ]] && words=$options
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _restantectl restantectl
