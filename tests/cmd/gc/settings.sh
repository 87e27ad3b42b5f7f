# A limit holds from the second cycle on, on one live heap: the first goal tells it from a lower GOGC.
gclog LIVE=100 LIMIT=140 | prof gc - | sed -n '1p;/^note *limit/p'
# GOGC was lowered after the first cycle: goals follow a live heap that grows.
{
	gclog CYCLES=1 LIVE=20
	gclog LIVE=20 GROW=9 GOGC=30 FIRST=2 START=1
} | prof gc - | head -1
# Go 1.19 tells of stacks what they take, not what is used: two thirds of it here.
gclog LIVE=14 GROW=2 STACKS=94 USED=0.67 | prof gc --json - | json model.gogc model.memory_limit_bytes model.goals_by_formula
# One goal under the formula's is no limit.
{
	gclog LIVE=50 CYCLES=10
	gclog LIVE=50 CYCLES=1 FIRST=11 START=2 LIMIT=90
	gclog LIVE=50 CYCLES=9 FIRST=12 START=3
} | prof gc --json - | json model.gogc model.memory_limit_bytes model.why
# Stacks take their part of a limit.
gclog LIVE=50 STACKS=40 | prof gc --json --what-if gomemlimit=150MiB - | json what_if.1.peak_bytes what_if.1.peak_least_bytes what_if.1.peak_most_bytes
# Assists make marking end within a shorter runway, and what is allocated meanwhile is live.
gclog LIVE=80 RUNWAY=0.3 MARK=40 CPU=40 ASSIST=40 RATE=1600 | prof gc --what-if gogc=50,200 - | sed -n '/^ *setting/,/^±/p'
