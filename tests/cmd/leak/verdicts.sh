# What each verdict takes, over four snapshots an hour apart.
rest='1 running main.main'
snap()
{
	local out=$1
	shift
	dump "$rest" "$@" >"$out"
}
# main.leak grows; main.pool fills up; main.load grows, by others each time; main.wave goes up and down;
# main.stuck stays, and waits; main.accept waits, too, but that is its work; main.old goes, main.young comes.
accept='internal/poll.(*FD).Accept<main.accept'
snap 0 '100-104 chan_send main.leak main.start' '200-209 chan_receive main.pool' '1000-1019 select main.load' \
	'3000-3029 select main.wave' '60-62 semacquire,_12_minutes main.stuck' "70-70 IO_wait,_60_minutes $accept" '80-99 sleep main.old'
snap 1 '100-124 chan_send main.leak main.start' '200-259 chan_receive main.pool' '1100-1139 select main.load' \
	'3000-3069 select main.wave' '60-62 semacquire,_72_minutes main.stuck' "70-70 IO_wait,_120_minutes $accept"
snap 2 '100-144 chan_send main.leak main.start' '200-263 chan_receive main.pool' '1200-1279 select main.load' \
	'3000-3039 select main.wave' '60-62 semacquire,_132_minutes main.stuck' "70-70 IO_wait,_180_minutes $accept"
snap 3 '100-164 chan_send,_180_minutes main.leak main.start' '200-263 chan_receive main.pool' '1300-1459 select main.load' \
	'3000-3089 select main.wave' '60-62 semacquire,_192_minutes main.stuck' "70-70 IO_wait,_240_minutes $accept" \
	'5000-5019 chan_receive main.young'
touch -d '2026-11-20 10:00' 0
touch -d '2026-11-20 11:00' 1
touch -d '2026-11-20 12:00' 2
touch -d '2026-11-20 13:00' 3
prof leak -v 0 1 2 3
prof leak --stuck=0 --threshold=100 0 1 2 3
# all in one log: the same, but when is not known
cat 0 1 2 3 | prof leak -
