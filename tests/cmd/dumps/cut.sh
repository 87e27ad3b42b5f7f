# What is whole counts; what is not is told, and by the status.
head -c 9000 testdata/shapes.go1.27.debug2.txt >cut
prof info cut
echo $?
prof info --json cut | grep damage
prof top -n 1 cut
