# Reports as pages, and pictures of call graphs, in a real browser: the numbers are the report's, tables sort
# and narrow, names find their boxes, nothing is fetched or complained about, and nothing of a name runs.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use lib 'tests/browser';
use Pages;
use Test::More;

my $cpu = "$data/checkout.after.cpu.pb.gz";
my $before = "$data/checkout.before.cpu.pb.gz";

# The rows of the table that are shown: [[name, exact values or text of the other cells], …].
sub rows
{
	my ($page) = @_;

	return $page->eval(<<'END');
[...document.querySelectorAll('#report-table tbody tr')].map(r => [r.querySelector('td.name').title,
	...[...r.cells].filter(c => c.dataset.v !== undefined).map(c => Number(c.dataset.v))])
END
}

sub show_all
{
	my ($page) = @_;

	$page->eval("(() => { const m = document.getElementById('report-more'); while (!m.hidden) m.click(); })()");
}

sub test_top
{
	my ($top) = top($cpu);

	run("prof top --no-trim -o '$dir/top.html' $cpu");
	my $page = open_file('top.html');
	is(scalar(@{rows($page)}), 30, 'the first rows');
	show_all($page);
	is_deeply([map { [@$_[0, 1, 4]] } @{rows($page)}], [map { [@$_{qw(name flat cum)}] } @{$top->{rows}}],
		'all rows, with the values of prof top');
	$page->eval("[...document.querySelectorAll('#report-table th button')].find(b => b.textContent === 'cum').click()");
	my @cum = map { $_->[4] } @{rows($page)};
	is_deeply(\@cum, [sort { $b <=> $a } @cum], 'sorted by a click on a head');
	$page->eval("document.getElementById('report-filter').focus()");
	$page->type('^main\.');
	is_deeply([sort map { $_->[0] } @{rows($page)}], [sort grep { /^main\./ } map { $_->{name} } @{$top->{rows}}],
		'narrowed by an expression');
	quiet($page, 'top');
	my $still = open_file('top.html', no_scripts => 1);
	is(scalar(@{rows($still)}), scalar(@{$top->{rows}}), 'without scripts all rows are there');
}

sub test_diff
{
	run("profdiff -o '$dir/profdiff.html' $before $cpu");
	my $page = open_file('profdiff.html');
	my $diff = $json->decode(scalar `profdiff --json $before $cpu`);

	show_all($page);
	my %changed = map { $_->{name} => 1 } grep { $_->{flat}{old} != $_->{flat}{new} || $_->{cum}{old} != $_->{cum}{new} }
		@{$diff->{rows}};
	is_deeply([sort map { $_->[0] } @{rows($page)}], [sort keys %changed], 'all that changed, as profdiff says');
	ok(box($page, 'main.normalize'), 'the flame graph is below');
	$page->eval("[...document.querySelectorAll('td.name button')].find(b => b.parentNode.title === 'main.scoreItem').click()");
	is($page->eval("document.querySelectorAll('#boxes .m').length"), 1, 'a name is found in it');
	quiet($page, 'profdiff');
}

sub test_graph
{
	run("prof graph -o '$dir/graph.svg' $cpu");
	my $page = open_file('graph.svg');
	my $n = $page->eval("document.querySelectorAll('g.node').length");

	cmp_ok($n, '>', 20, 'a call graph has its boxes');
	quiet($page, 'call graph');
}

# Names of all kinds that a file has: functions, files, types, units, labels, the binary, comments.
sub test_hostile
{
	my $evil = '</script><script>window.ran=1</script><img src=x onerror=window.ran=2>';
	my $quoted = $evil =~ s/"/\\"/gr;

	run(qq(wire '1{1:1 2:2} 2{1[1] 2[500] 3{1:3 2:4}} 3{1:1 5:5 6:6} 4{1:1 2:1 4{1:1 2:7}} 5{1:1 2:7 4:8} ) .
		qq(6"" ) . join(' ', map { qq(6"$_$quoted") } 1 .. 8) . qq( 13:1 14:1' >'$dir/evil.pb'));
	my %page = (
		'evil.top.html' => "prof top '$dir/evil.pb'",
		'evil.flame.html' => "prof flame --tagroot='3$evil' --lines '$dir/evil.pb'",
		'evil.flame.svg' => "prof flame --tagroot='3$evil' --lines '$dir/evil.pb'",
		'evil.diff.html' => "profdiff '$dir/evil.pb' '$dir/evil.pb'",
		'evil.graph.svg' => "prof graph '$dir/evil.pb'",
	);
	for my $name (sort keys %page) {
		run("$page{$name} -o '$dir/$name'");
		my $page = open_file($name);

		$page->key('Tab') for 1 .. 3;
		$page->key('Enter');
		is($page->eval('window.ran'), undef, "$name: nothing ran");
		is($page->eval('document.querySelectorAll("img").length'), 0, "$name: nothing of it is an element");
		quiet($page, $name);
	}
}

test_top();
test_diff();
test_graph();
test_hostile();
done_testing();
