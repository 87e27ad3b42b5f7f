# What is called otherwise, or stands elsewhere, is no change; what changed besides is one.
compare() { profdiff --ops 1,1 old old old --new new new new | grep -vE '^((old|new)  (old|new)|per|What|To see) '; }
main() { sed 's/^/main.main;/'; }
echo '== renamed, and a caller with it'
printf '%s\n' 'main.a;runtime.mapaccess1 200' 'main.a 100' 'main.run;main.look 300' 'main.c 900' | main >old
printf '%s\n' 'main.a;runtime.mapaccess1 205' 'main.a 98' 'main.execute;main.find 310' 'main.c 905' | main >new
compare
echo '== renamed and slower'
printf '%s\n' 'main.look 300' 'main.c 900' 'main.d 500' | main >old
printf '%s\n' 'main.find 600' 'main.c 905' 'main.d 490' | main >new
compare
echo '== split up, joined'
printf '%s\n' 'main.a 400' 'main.c 900' 'main.x;main.y 300' 'main.x 10' | main >old
printf '%s\n' 'main.a;main.part 395' 'main.c 905' 'main.x 320' | main >new
compare
echo '== closures renumbered'
printf '%s\n' 'main.f.func1 400' 'main.f.func2 100' 'main.c 900' | main >old
printf '%s\n' 'main.f.func1;main.new 60' 'main.f.func2 390' 'main.f.func3 105' 'main.c 905' | main >new
compare
echo '== inlined ones, by every number in their names'
printf '%s\n' 'main.f.each[int].func2.f.map.func1.func3 400' 'main.f.func5 100' 'main.c 900' | main >old
printf '%s\n' 'main.f.each[int].func3.f.map.func2.func4 405' 'main.f.func6 102' 'main.c 890' | main >new
compare
echo '== and what only one of them calls, renamed'
printf '%s\n' 'main.f.func1;main.look 400' 'main.f.func2 100' 'main.c 900' | main >old
printf '%s\n' 'main.f.func1 5' 'main.f.func2;main.search 405' 'main.f.func3 102' 'main.c 890' | main >new
compare
echo '== to another package'
printf '%s\n' 'shop/a.Parse;shop/a.next 300' 'shop/a.Parse 200' 'main.c 900' | main >old
printf '%s\n' 'shop/b.Parse;shop/b.next 300' 'shop/b.Parse 200' 'main.c 905' | main >new
compare
profdiff --ops 1,1 --json old old old --new new new new | json rows.0.name rows.0.old_name rows.0.score rows.0.kind rows.1.name rows.1.old_name
