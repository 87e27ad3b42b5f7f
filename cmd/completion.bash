# bash completion of prof and profdiff: asks the command itself, so that nothing is listed twice.
_prof() {
	local cur=${COMP_WORDS[COMP_CWORD]} cmd=${COMP_WORDS[1]}
	if [ "${COMP_WORDS[0]##*/}" = profdiff ]; then
		cmd=diff
	elif [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(prof --list-cmds | cut -d' ' -f1 | uniq)" -- "$cur")
		return
	elif [ "$COMP_CWORD" = 2 ] && prof --list-cmds | grep -q "^$cmd "; then
		mapfile -t COMPREPLY < <(compgen -W "$(prof --list-cmds | sed -n "s/^$cmd //p")" -- "$cur")
		return
	elif prof --list-cmds | grep -qx "$cmd ${COMP_WORDS[2]}"; then
		cmd="$cmd ${COMP_WORDS[2]}"
	fi
	case $cur in
	-*)
		mapfile -t COMPREPLY < <(compgen -W "$(prof $cmd --list-opts 2>/dev/null)" -- "$cur")
		[ "${COMPREPLY[0]: -1}" = = ] && compopt -o nospace
		;;
	*) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	esac
}
complete -o filenames -F _prof prof profdiff
