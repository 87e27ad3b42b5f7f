# The page of prof contention in a real browser: tables, holders against waiters, queues, a flame graph of
# waiting; nothing is fetched or complained about. And its pictures.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use lib 'tests/browser';
use Pages;
use Test::More;

my $trace = "$data/holds.go1.27.trace";
my $doc = $json->decode(scalar `prof contention --json $trace`);

# The bars' widths, in order, each with its name.
sub bars
{
	my ($page) = @_;

	return @{$page->eval(<<'END')};
[...document.querySelectorAll('svg.bars g')].map(g => [g.querySelector('text').textContent,
	[...g.querySelectorAll('rect')].reduce((sum, r) => sum + r.width.baseVal.value, 0)])
END
}

sub check_drawings
{
	my ($page, $what) = @_;
	my @bars = bars($page);
	my %ns;

	$ns{"wait: $_->{site} main.go:$_->{line}"} = $_->{delay_ns} for grep { $_->{class} eq 'mutex' } @{$doc->{sites}};
	for my $hold (@{$doc->{holds}}) {
		my ($line) = map { $_->{line} } grep { $_->{site} eq $hold->{holder} } map { @{$_->{holders}} } @{$doc->{sites}};
		my $sum = 0;

		$sum += $_ for values %{$hold->{holder_did}};
		$ns{"hold: $hold->{holder} main.go:$line"} = $sum;
	}
	is_deeply([sort map { $_->[0] } @bars], [sort keys %ns], "$what: a bar for each who waits and who holds");
	my ($longest) = sort { $b->[1] <=> $a->[1] } @bars;
	my $scale = $longest->[1] / $ns{$longest->[0]};
	is(scalar(grep { abs($_->[1] - $ns{$_->[0]} * $scale) > 0.5 } @bars), 0, "$what: as long as it took");
	is($page->eval("document.querySelectorAll('svg.curves polyline').length"),
		scalar(grep { $_->{list} ne 'idle' } @{$doc->{queues}}), "$what: a line for each queue");
	my @y = @{$page->eval(<<'END')};
[...[...document.querySelectorAll('svg.curves g')].find(g => g.textContent.includes('main.convoy')).querySelector('polyline').points].map(p => p.y)
END
	my ($top, $bottom) = (sort { $a <=> $b } @y)[0, -1];
	cmp_ok($bottom - $top, '>', 200, "$what: the convoy rises and falls");
}

# What a column of the n-th table shows, in order of its rows.
sub column
{
	my ($page, $table, $title) = @_;

	return @{$page->eval(<<"END")};
(() => {
	const table = document.querySelectorAll('#report-table, table.part')[$table];
	const at = [...table.querySelectorAll('thead tr:last-child th')].findIndex(th => th.textContent === '$title');
	return [...table.tBodies[0].rows].map(r => r.cells[at].textContent);
})()
END
}

sub seconds
{
	my ($n, $unit) = $_[0] =~ /^([\d.]+)([num]?s)$/ or return -1;

	return $n * {ns => 1e-9, us => 1e-6, ms => 1e-3, s => 1}->{$unit};
}

# Each table is sorted by its heads: by what times are, not by their digits; with the keyboard alone, too.
sub check_sorting
{
	my ($page) = @_;
	my $tables = $page->eval("document.querySelectorAll('#report-table, table.part').length");
	my $head = "[...document.querySelectorAll('#report-table, table.part')[%d].querySelectorAll('th button')].find(b => b.textContent === '%s')";
	my %by = (0 => 'mean', 1 => 'delay', 2 => 'max', 4 => 'mean');

	for my $table (sort keys %by) {
		my $button = sprintf $head, $table, $by{$table};

		$page->eval("$button.focus()");
		$page->key('Enter');
		my @down = column($page, $table, $by{$table});
		is_deeply(\@down, [sort { seconds($b) <=> seconds($a) } @down], "table $table by $by{$table}, with the keyboard");
		is($page->eval("$button.parentNode.getAttribute('aria-sort')"), 'descending', 'which is said');
		$page->eval("$button.click()");
		my @up = column($page, $table, $by{$table});
		my @known = grep { seconds($_) >= 0 } @up;
		is_deeply(\@up, [(sort { seconds($a) <=> seconds($b) } @known), grep { seconds($_) < 0 } @up],
			'and the other way round, what is not known last');
	}
	is($page->eval("[...document.querySelectorAll('table:is(#report-table, .part) thead tr:last-child th')].filter(th => !th.querySelector('button')).length"),
		0, 'no column of any table is without');
	is($tables, 5, 'of five tables');
}

run("prof contention -o '$dir/contention.html' $trace");
my $page = open_file('contention.html', height => 1400);
like($page->eval('document.querySelector("h1").textContent'), qr/goroutines wait at a time/, 'the page tells what it is about');
like($page->eval('document.querySelector("#report-table").textContent'), qr/main\.convoy main\.go:70/, 'and has the tables');
is_deeply($page->eval("[...document.querySelectorAll('.rows h2')].map(h => h.textContent.split(',')[0])"),
	['Locks', 'Who holds what others wait for', 'How long locks were held while others waited', 'How many stood in line',
		'Back-pressure: for the other side'], 'each table with its title');
is($page->eval("document.querySelectorAll('table.part').length"), 4, 'those behind the first one, too');
is($page->eval("document.querySelectorAll('table.part')[1].rows.length"), 1 + @{$doc->{holds}}, 'with all rows');
check_sorting($page);
check_drawings($page, 'page');
ok(box($page, 'main.convoy'), 'a flame graph of waiting');
ok(box($page, '[locks]'), 'whose root says what for');
quiet($page, 'page');

run("prof contention --picture=holders -o '$dir/holders.svg' $trace");
my $picture = open_file('holders.svg');
check_drawings($picture, 'picture');
quiet($picture, 'picture');

run("prof contention -o '$dir/waiting.svg' $trace");
my $flame = open_file('waiting.svg');
ok(box($flame, 'main.sleeper'), 'a picture of the flame graph alone');
quiet($flame, 'flame graph');

done_testing();
