# Flipped bytes in all of an archive of captures: as captures.sh.
meddled make >made
step=499
[ -z "$SAN" ] || step=3499
for ((at = 100; at < $(stat -c %s n.db); at += step)); do meddled byte $at; done
echo done
