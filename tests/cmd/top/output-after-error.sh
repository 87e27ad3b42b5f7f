# A file that stands there stays as it is when there is nothing to write.
echo precious >out
echo text >text
prof top -o out text; echo "$?"
prof top -o out; echo "$?"
cat out
