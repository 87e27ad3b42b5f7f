# Whose change it is: library and runtime are blamed on who calls them, the collector on who allocates.
compare() { profdiff --ops 1,1 old old old --new new new new | grep -vE '^((old|new)  (old|new)|per|What|To see) '; }
both='main.main;main.c 900\nmain.main;main.d;sort.Slice;main.d.func1 300\nmain.main;main.g;runtime.mallocgc 200\n'
gc='runtime.gcBgMarkWorker;runtime.gcDrain;runtime.scanObject'
echo '== a caller does more of what the library does'
printf "${both}main.main;main.a;strings.Repeat;runtime.memmove 100\nmain.main;main.b;strings.Repeat;runtime.memmove 300\n$gc 150\n" >old
printf "${both}main.main;main.a;strings.Repeat;runtime.memmove 400\nmain.main;main.b;strings.Repeat;runtime.memmove 300\n$gc 150\n" >new
compare
echo '== more is allocated, and the collector has more to do, also in assists'
printf "${both}main.main;main.a;runtime.growslice;runtime.mallocgc 100\n$gc 150\n" >old
printf "${both}main.main;main.a;runtime.growslice;runtime.mallocgc 400\nmain.main;main.g;runtime.mallocgc;runtime.gcAssistAlloc;runtime.gcDrainN 50\n$gc 300\n" >new
compare
echo '== the collector works more, and nobody allocates more'
printf "${both}$gc 150\n" >old
printf "${both}$gc 450\n" >new
compare
echo '== preempted'
printf "${both}main.main;main.a 300\nmain.main;main.a;runtime.asyncPreempt 10\n" >old
printf "${both}main.main;main.a 210\nmain.main;main.a;runtime.asyncPreempt;runtime.asyncPreempt2 100\n" >new
compare
echo '== one that allocates costs less, by what it allocates in as few samples: the collector has less to do'
printf "${both}main.main;main.a 300\nmain.main;main.a;runtime.growslice;runtime.mallocgc 6\n$gc 600\n" >old
printf "${both}main.main;main.a 90\nmain.main;main.a;runtime.growslice;runtime.mallocgc 6\n$gc 300\n" >new
compare
echo '== the collector works more, and one allocates more, by too little to be a finding alone'
printf "${both}main.main;main.a 300\nmain.main;main.a;runtime.growslice;runtime.mallocgc 20\n$gc 600\n" >old
printf "${both}main.main;main.a 301\nmain.main;main.a;runtime.growslice;runtime.mallocgc 36\n$gc 900\n" >new
compare
echo '== the collector works more, and one allocates as often, but larger things'
printf "${both}main.main;main.a 300\nmain.main;main.a;runtime.growslice;runtime.mallocgc;runtime.mallocgcTiny 80\n$gc 600\n" >old
printf "${both}main.main;main.a 302\nmain.main;main.a;runtime.growslice;runtime.mallocgc;runtime.mallocgcSmallNoscan 81\n$gc 900\n" >new
compare
