# Flame graphs in a real browser, opened from disk: what a reader can do with them works, the numbers are
# those of prof top, nothing is fetched, nothing is complained about, and nothing of a name runs.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use lib 'tests/browser';
use Pages;
use Test::More;

my $cpu = "$data/checkout.after.cpu.pb.gz";

# The rows of the page's table: {name => [exact values of the columns]}.
sub rows
{
	my ($page) = @_;
	my $rows = $page->eval(<<'END');
(() => {
	while (!document.getElementById('more').hidden) document.getElementById('more').click();
	return [...document.querySelectorAll('#rows tr')].map(r => [r.querySelector('button').title, [...r.cells].map(c => c.title)]);
})()
END
	return {map { $_->[0] => [map { /^(-?\d+)/ ? $1 : () } @{$_->[1]}] } @$rows};
}

sub percent
{
	my ($value, $total) = @_;

	return sprintf('%.2f', 100 * $value / $total) + 0;
}

# A page: the numbers of every type, zoom, search, keyboard, switches.
sub test_page
{
	run("prof flame -o '$dir/heap.html' $data/leaky.heap.t3.pb.gz");
	my $page = open_file('heap.html');
	my $types = $page->eval('flameGraph.data.types.map(t => t.name)');

	is_deeply($types, [qw(alloc_objects alloc_space inuse_objects inuse_space)], 'the types of the file');
	for my $i (0 .. $#$types) {
		my ($top, $rows) = top("--sample_index=$types->[$i]", "$data/leaky.heap.t3.pb.gz");

		choose($page, 'type', $i);
		is_deeply(rows($page), $rows, "$types->[$i]: the table is that of prof top");
		is($page->eval('flameGraph.cum(0, false)'), $top->{total}, "$types->[$i]: the root is the total");
	}
	quiet($page, 'heap');
}

sub test_cpu
{
	my ($top, $rows) = top($cpu);
	my %cum = map { $_ => $rows->{$_}[2] } keys %$rows;

	run("prof flame -o '$dir/cpu.html' $cpu");
	my $page = open_file('cpu.html');
	my $root = box($page, 'checkout-after');
	my $box = box($page, 'main.encodeReceipt');

	ok(abs($box->[3] / $root->[3] - $cum{'main.encodeReceipt'} / $top->{total}) < .003, 'a box is as wide as it costs');
	is($box->[5], 'main.encodeReceipt', 'its name is in it');
	$page->move(middle($box));
	like(text($page, '#tip'), qr/^main\.encodeReceipt900ms \(25\.79%\)/, 'details at the pointer');
	$page->click(middle($box));
	ok(abs(box($page, 'main.encodeReceipt')->[3] - $root->[3]) < 1, 'a click zooms');
	is(text($page, '#name'), 'main.encodeReceipt', 'and selects');
	is($page->eval('document.getElementById("path").textContent'), 'runtime.mainmain.mainmain.process', 'with the way to it');
	$page->eval('navigator.clipboard.writeText = async text => { window.copied = text; }');
	$page->eval('document.getElementById("copy").click()');
	is($page->eval('window.copied'), "main.encodeReceipt\nmain.process\nmain.main\nruntime.main", 'the stack is copied');
	$page->key('Escape');
	ok(abs(box($page, 'main.encodeReceipt')->[3] - $box->[3]) < 1, 'escape goes back');

	$page->key('/');
	$page->type('encodeReceipt|scoreItem');
	my $found = percent($cum{'main.encodeReceipt'} + $cum{'main.scoreItem'}, $top->{total});
	is(text($page, '#found'), "matched $found%", 'a search tells how much matches');
	is_deeply([sort keys %{rows($page)}], [sort grep { /encodeReceipt|scoreItem/ } keys %$rows], 'and the table follows');
	is($page->eval('document.querySelectorAll("#boxes rect.m").length'), 2, 'and the boxes are marked');
	$page->eval('document.getElementById("search").value = ""');
	$page->type('(');
	is(text($page, '#found'), 'not a regular expression', 'a bad expression is told');
	$page->key('Escape');
	is(text($page, '#found'), '', 'escape ends the search');
	is_deeply(rows($page), $rows, 'and all rows are there again');

	$page->eval('document.getElementById("boxes").querySelector("rect[tabindex]").focus()');
	$page->key('ArrowUp') for 1 .. 3;
	is($page->eval('flameGraph.name(document.activeElement.box)'), 'main.process', 'arrows go to callees');
	$page->key('Enter');
	is($page->eval('flameGraph.name(flameGraph.zoomed)'), 'main.process', 'enter zooms');
	$page->key('Tab');
	ok($page->eval('document.activeElement.box') != $page->eval('flameGraph.zoomed'), 'tab goes on');
	$page->eval('document.getElementById("reset").click()');
	is($page->eval('flameGraph.zoomed'), 0, 'reset');

	my $at = box($page, 'main.main')->[2] - box($page, 'main.process')->[2];
	choose($page, 'shape', 'inverted');
	is(box($page, 'main.main')->[2] - box($page, 'main.process')->[2], -$at, 'icicles');
	choose($page, 'order', 'name');
	ok(box($page, 'main.build')->[1] < box($page, 'main.process')->[1], 'by name');
	choose($page, 'order', 'weight');
	ok(box($page, 'main.build')->[1] > box($page, 'main.process')->[1], 'by weight');
	my $colour = 'getComputedStyle(document.querySelector("#boxes rect.p0, #boxes rect.p13, #boxes rect")).fill';
	my $ground = 'getComputedStyle(document.body).backgroundColor';
	my ($light, $fill) = ($page->eval($ground), $page->eval($colour));
	choose($page, 'theme', 'dark');
	isnt($page->eval($ground), $light, 'dark');
	choose($page, 'theme', 'light');
	is($page->eval($ground), $light, 'light');
	choose($page, 'colours', 'safe');
	isnt($page->eval($colour), $fill, 'colours for the colour-blind');
	quiet($page, 'cpu');
	my $dark = open_file('cpu.html', scheme => 'dark');
	isnt($dark->eval($ground), $light, 'dark where the system is');
}

# A picture does the same in a window of its own, and is whole without scripts.
sub test_picture
{
	run("prof flame -o '$dir/cpu.svg' $cpu");
	my $still = open_file('cpu.svg', no_scripts => 1);
	my $drawn = 0 + @{$still->eval('[...document.querySelectorAll("#boxes rect title")].map(t => t.textContent)')};
	cmp_ok($drawn, '>', 400, 'without scripts the boxes are there');
	ok((grep { /main\.scoreItem/ } @{$still->eval('[...document.querySelectorAll("#boxes text")].map(t => t.textContent)')}),
		'and their names');
	is($still->eval('document.querySelector("input")'), undef, 'but no controls');

	my $page = open_file('cpu.svg', width => 1000);
	my $box = box($page, 'main.encodeReceipt');
	is($page->eval('document.documentElement.getAttribute("width")'), 1000, 'it fits the window');
	$page->move(middle($box));
	like(text($page, '.tip'), qr/^main\.encodeReceipt900ms \(25\.79%\)/, 'details at the pointer');
	$page->click(middle($box));
	ok(box($page, 'main.encodeReceipt')->[3] > 970, 'a click zooms');
	$page->key('Escape');
	$page->key('/');
	$page->type('scoreItem');
	is(text($page, '.found'), 'matched 17.19%', 'search');
	$page->eval('document.querySelector("button").click()');
	is(text($page, '.found'), '', 'reset');
	quiet($page, 'picture');
	quiet($still, 'still picture');
}

# What is drawn with scripts is what is drawn without (but for the thin, which are one path then).
sub test_same_drawing
{
	my ($name) = @_;
	my $drawing = <<'END';
[...document.querySelectorAll('#boxes rect')].map(r => {
	const q = r.getBoundingClientRect(), next = r.nextElementSibling;
	const kind = r.getAttribute('class').split(' ').filter(c => c !== 'sel').join(' ');
	return [kind, next && next.tagName === 'text' ? next.textContent : '', q.x, q.y, q.width];
}).filter(r => r[4] > 4)
END
	my ($still, $drawn) = map { open_file($name, width => 1200, no_scripts => $_)->eval($drawing) } 1, 0;
	my @only;

	for my $s (@$still) {
		push @only, "@$s" if !grep { $s->[0] eq $_->[0] && $s->[1] eq $_->[1] && abs($s->[2] - $_->[2]) < 1 &&
			abs($s->[3] - $_->[3]) < 1 && abs($s->[4] - $_->[4]) < 1 } @$drawn;
	}
	is(@$still, @$drawn, "$name: as many boxes");
	is("@only", '', "$name: the same boxes");
}

sub test_diff
{
	my $before = "$data/checkout.before.cpu.pb.gz";
	my %side = (old => (top($before))[1], new => (top($cpu))[1]);

	run("prof flame -o '$dir/diff.html' --diff_base=$before $cpu");
	my $page = open_file('diff.html');
	for my $what ('flat', 'cum') {
		my %want;

		for my $name (map { keys %{$side{$_}} } 'old', 'new') {
			my ($old, $new) = map { ($side{$_}{$name} // [0, 0, 0, 0])->[$what eq 'cum' ? 2 : 0] } 'old', 'new';

			$want{$name} = [$old, $new, $new - $old];
		}
		choose($page, 'sums', $what);
		is_deeply(rows($page), \%want, "$what of both sides are those of prof top");
	}
	my ($gone, $new) = map { box($page, $_) } 'main.lookup', 'main.validateStrict';
	ok($gone && $gone->[3] > 20, 'what is gone is drawn');
	$page->move(middle($gone));
	like(text($page, '#tip'), qr/\(0%\).*gone/, 'and said to be');
	my $of = 'document.querySelectorAll("#boxes .n4.h").length';
	cmp_ok($page->eval($of), '>', 0, 'hatched');
	$page->move(middle(box($page, 'main.normalize')));
	like(text($page, '#tip'), qr/^main\.normalize260ms \(8\.41%\) → 60ms \(1\.72%\).*-6\.70 points/, 'shares, for durations differ');
	choose($page, 'compare', 'value');
	$page->move(1, 1);
	$page->move(middle(box($page, 'main.normalize')));
	like(text($page, '#tip'), qr/-200ms \(-76\.9%\)/, 'values');
	my $width = box($page, 'main.scoreItem')->[3];
	choose($page, 'width', 'old');
	cmp_ok(box($page, 'main.scoreItem')->[3], '<', $width * .8, 'widths of old');
	like(text($page, '#totals'), qr/3\.09s → 3\.49s \(\+12\.9%\)/, 'both totals');
	quiet($page, 'diff');
	run("prof flame -o '$dir/diff.svg' --diff_base=$before $cpu");
	test_same_drawing('cpu.svg');
	test_same_drawing('diff.svg');
	my $picture = open_file('diff.svg');
	ok(box($picture, 'main.lookup'), 'a picture of it');
	quiet($picture, 'diff picture');
}

# Names that want to run, end, or hide something.
sub test_hostile
{
	my @names = ('<script>window.ran = 1</script>', '</script><script>window.ran = 2</script>', '<img src=x onerror="window.ran=3">',
		'"><svg onload=window.ran=4>', "javascript:window.ran=5", '<!--', ']]>', "' onfocus='window.ran=6", '&lt;b&gt;',
		'${window.ran=7}', '__proto__', 'constructor', "\xe2\x80\xaetxet", "\xe2\x80\xa8window.ran=8//", "\x1b[31m", "\xff\xfe",
		'<iframe srcdoc="<script>top.ran=9</script>">', '@import url(http://127.0.0.1:9/x);', '</style><style>*{display:none}',
		'<base href="http://127.0.0.1:9/">', '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">');
	my $n = 0;

	no utf8;
	open my $f, '>:raw', "$dir/hostile.folded" or die;
	print $f join(';', @names[0 .. $n]), ' ', ++$n, "\n" for @names;
	print $f "$_;$_ 30\n" for @names;
	close $f;
	for my $end (qw(html svg)) {
		run("prof flame --title='</title><script>window.ran = 10</script>' -o '$dir/hostile.$end' '$dir/hostile.folded'");
		my $page = open_file("hostile.$end");

		is($page->eval('window.ran'), undef, "$end: nothing ran");
		is($page->eval('document.querySelectorAll("script, iframe, img, base").length'), $end eq 'html' ? 3 : 2,
			"$end: no element but our own");
		cmp_ok(scalar(boxes($page)), '>', 2 * @names, "$end: all is drawn");
		ok((grep { $_->[0] eq '<script>window.ran = 1</script>' } boxes($page)), "$end: as it is called");
		ok((grep { $_->[0] eq '\u{202e}txet' } boxes($page)), "$end: or as it can be shown");
		$page->move(middle($_)) for grep { $_->[3] > 3 } boxes($page);
		$page->click(middle((boxes($page))[3]));
		$page->key('/');
		$page->type('ran');
		is($page->eval('window.ran'), undef, "$end: nor later");
		test_policy($page) if $end eq 'html';
		quiet($page, "hostile $end");
	}
}

# A type in which a zoomed box has nothing; keys in other fields; wide characters; other granularities.
sub test_corners
{
	open my $f, '>', "$dir/wide.folded" or die;
	print $f "a.b;日本語の関数名前 $_\n" for 900, 100;
	print $f "a.b;c 9000\n";
	close $f;
	run("prof flame --by=file -o '$dir/wide.html' '$dir/wide.folded' && prof flame -o '$dir/wide.html' '$dir/wide.folded'");
	my $page = open_file('wide.html', width => 1000);
	my ($text) = grep { defined } map { $_->[5] } grep { $_->[0] =~ /^日/ } boxes($page);
	is($text, '日本語…', 'characters of two columns are counted as two');

	run("prof flame --by=package -o '$dir/heap.html' $data/leaky.heap.t3.pb.gz");
	$page = open_file('heap.html');
	is($page->eval("document.querySelector('#heads th:last-child').textContent"), 'package', 'rows are packages');
	choose($page, 'type', 0);
	my $only = $page->eval('[...Array(flameGraph.tree.n).keys()].find(i => flameGraph.cum(i) && !flameGraph.tree.cum[3][i])');
	ok($only, 'a box that is there in one type only');
	$page->eval("flameGraph.zoom($only)");
	choose($page, 'type', 3);
	is($page->eval('flameGraph.zoomed'), 0, 'is left when the type changes');
	$page->eval("document.getElementById('type').focus()");
	$page->key('/');
	isnt($page->eval('document.activeElement.id'), 'search', 'a key in another field is its own');
	quiet($page, 'corners');
}

# Had a name become markup after all, the page's policy would still not let it run.
sub test_policy
{
	my ($page) = @_;

	$page->eval(<<'END');
(() => {
	const s = document.createElement('script'), d = document.createElement('div');
	s.textContent = 'window.ran = 11';
	document.body.append(s, d);
	d.innerHTML = '<img src="data:," onerror="window.ran = 12"><iframe srcdoc="<script>top.ran = 13</scr' + 'ipt>"></iframe>';
	return new Promise(done => setTimeout(done, 200));
})()
END
	is($page->eval('window.ran'), undef, 'the policy holds');
	cmp_ok(scalar(grep { /Content Security Policy/ } @{$page->{complaints}}), '>=', 2, 'and says so');
	@{$page->{complaints}} = grep { !/Content Security Policy/ } @{$page->{complaints}};
	$page->{requests} = [grep { $_ !~ /^(data:,|about:srcdoc)$/ } @{$page->{requests}}];
}

# How long a large one takes; printed, for people to look at.
sub test_speed
{
	my @files = ("$data/nethttp.mem.pb.gz");

	unshift @files, "$ENV{PACKS}/bench/many-stacks.pb.gz" if $ENV{PACKS} && !$ENV{SAN};
	my ($large) = grep { -e } @files;

	run("prof flame -o '$dir/large.html' '$large'");
	my $page = open_file('large.html');
	my $ms = $page->eval(<<'END');
(async () => {
	const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
	const times = [];
	for (const i of [1, 0, 2, 0, 3, 0, 4, 0, 5, 0]) {
		const start = performance.now();
		flameGraph.zoom(i);
		await frame();
		times.push(performance.now() - start);
	}
	times.sort((a, b) => a - b);
	return [times[5], times[9], performance.timing.loadEventEnd - performance.timing.navigationStart];
})()
END
	diag(sprintf '%s: %d boxes, %d KB: opened in %.0f ms, a zoom answered in %.0f ms, at most %.0f', $large =~ s{.*/}{}r,
		$page->eval('flameGraph.tree.n'), (-s "$dir/large.html") / 1000, @$ms[2, 0, 1]);
	cmp_ok(-s "$dir/large.html", '<=', 1 << 20, 'at most 1 MB');
	run("prof flame -o '$dir/large.svg' '$large'");
	cmp_ok(-s "$dir/large.svg", '<=', 1 << 20, 'at most 1 MB as a picture');
	quiet($page, 'large');
}

test_page();
test_cpu();
test_picture();
test_diff();
test_hostile();
test_corners();
test_speed();
done_testing();
