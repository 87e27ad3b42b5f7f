# A difference as one profile: what is below 0 has no width, and that is told.
printf '%s\n' 'a;b 10' 'a;c 20' >old
printf '%s\n' 'a;b 15' 'a;c 5' >new
prof flame --title=t --width=500 --base=old new | sed -e '/<style>/,/<\/style>/d' -e '/<script/,/<\/script>/d'
prof flame --format=folded --base=old new
prof flame --json --base=old new
prof flame --format=speedscope --base=old new
