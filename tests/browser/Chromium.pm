# Drives Debian's chromium over the DevTools protocol: messages of JSON on file descriptors 3 and 4, each
# ended by a NUL. Everything that a page complains about, asks for or fetches is remembered.
#
#	my $browser = Chromium->new("$ENV{SCRATCH}/browser");	# undef: there is none
#	my $page = $browser->open("file:///…", 1200, 800);
#	is($page->eval('document.title'), …);
#	$page->key('Enter'); $page->type('text'); $page->click($x, $y); $page->move($x, $y);
#	is_deeply($page->{complaints}, []); is_deeply($page->{requests}, []);
package Chromium;
use strict;
use warnings;
use Fcntl qw(F_DUPFD);
use IO::Select;
use JSON::PP;
use POSIX ();
use Time::HiRes qw(time);

use constant WAIT => 60; # seconds for an answer

my $json = JSON::PP->new->utf8->allow_nonref;

sub path
{
	my ($found) = grep { -x } map { "$_/chromium" } split /:/, $ENV{PATH};

	return $found;
}

sub new
{
	my ($class, $home) = @_;
	my $program = path() or return undef;

	mkdir $home;
	pipe(my $commands, my $to) && pipe(my $from, my $answers) or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		setpgrp;
		# Both ends move out of the way of 3 and 4 first.
		my ($in, $out) = map { fcntl $_, F_DUPFD, 10 } $commands, $answers;

		POSIX::dup2($in, 3);
		POSIX::dup2($out, 4);
		POSIX::close($_) for $in, $out;
		open STDIN, '<', '/dev/null' or die;
		open STDOUT, '>', "$home/log" or die;
		open STDERR, '>&', \*STDOUT or die;
		$ENV{HOME} = $home;
		exec $program, '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
			'--no-first-run', '--disable-extensions', '--disable-background-networking',
			"--user-data-dir=$home/data", '--remote-debugging-pipe', 'about:blank' or die;
	}
	close $commands;
	close $answers;
	binmode $_ for $to, $from;
	$to->autoflush(1);
	return bless {pid => $pid, to => $to, from => $from, id => 0, buffer => '', pages => {}, home => $home},
		$class;
}

sub DESTROY
{
	my ($self) = @_;

	local ($?, $!, $@);
	kill 'KILL', -$self->{pid} if $self->{pid};
	waitpid $self->{pid}, 0 if $self->{pid};
}

# The next message, or undef when there is none in time.
sub next_message
{
	my ($self, $until) = @_;

	while ($self->{buffer} !~ /\0/) {
		my $left = $until - time;

		return undef if $left <= 0 || !IO::Select->new($self->{from})->can_read($left);
		sysread $self->{from}, $self->{buffer}, 1 << 16, length $self->{buffer}
			or die "chromium ended: see $self->{home}/log\n";
	}
	$self->{buffer} =~ s/^([^\0]*)\0//s;
	return $json->decode($1);
}

sub note_event
{
	my ($self, $m) = @_;
	my $page = $self->{pages}{$m->{sessionId} // ''} or return;
	my ($method, $p) = @$m{qw(method params)};

	push @{$page->{complaints}}, "exception: " . ($p->{exceptionDetails}{exception}{description} // $p->{exceptionDetails}{text})
		if $method eq 'Runtime.exceptionThrown';
	push @{$page->{complaints}}, "console: " . join ' ', map { $_->{value} // $_->{description} // '' } @{$p->{args}}
		if $method eq 'Runtime.consoleAPICalled';
	push @{$page->{complaints}}, "log: $p->{entry}{text}" if $method eq 'Log.entryAdded';
	push @{$page->{complaints}}, "dialog: $p->{message}" if $method eq 'Page.javascriptDialogOpening';
	push @{$page->{requests}}, $p->{request}{url}
		if $method eq 'Network.requestWillBeSent' && $p->{request}{url} ne $page->{url};
	$page->{loaded} = 1 if $method eq 'Page.loadEventFired';
}

sub call
{
	my ($self, $method, $params, $session) = @_;
	my $id = ++$self->{id};
	my $until = time + WAIT;

	print {$self->{to}} $json->encode({id => $id, method => $method, params => $params // {},
		$session ? (sessionId => $session) : ()}), "\0";
	while (my $m = $self->next_message($until)) {
		if (($m->{id} // 0) == $id) {
			die "$method: $m->{error}{message}\n" if $m->{error};
			return $m->{result};
		}
		$self->note_event($m) if $m->{method};
	}
	die "$method: no answer in ${\WAIT} seconds\n";
}

sub open
{
	my ($self, $url, $width, $height, %how) = @_;
	my $target = $self->call('Target.createTarget', {url => 'about:blank'});
	my $session = $self->call('Target.attachToTarget', {targetId => $target->{targetId}, flatten => JSON::PP::true});
	my $page = bless {browser => $self, session => $session->{sessionId}, url => $url, complaints => [], requests => []},
		'Chromium::Page';
	my $until = time + WAIT;

	$self->{pages}{$page->{session}} = $page;
	$page->call($_) for qw(Page.enable Runtime.enable Network.enable Log.enable);
	$page->call('Emulation.setDeviceMetricsOverride',
		{width => $width, height => $height, deviceScaleFactor => 1, mobile => JSON::PP::false});
	$page->call('Emulation.setEmulatedMedia', {features => [{name => 'prefers-color-scheme', value => $how{scheme} // 'light'}]});
	$page->call('Emulation.setScriptExecutionDisabled', {value => JSON::PP::true}) if $how{no_scripts};
	$page->call('Page.navigate', {url => $url});
	while (!$page->{loaded}) {
		my $m = $self->next_message($until) or die "$url does not load\n";
		$self->note_event($m) if $m->{method};
	}
	return $page;
}

package Chromium::Page;
use strict;
use warnings;
use MIME::Base64;

my %keys = (Enter => [13, "\r"], Escape => [27], Tab => [9], ArrowUp => [38], ArrowDown => [40], ArrowLeft => [37],
	ArrowRight => [39]);

sub call
{
	my ($self, $method, $params) = @_;

	return $self->{browser}->call($method, $params, $self->{session});
}

# The value of an expression; a promise's when it is one.
sub eval
{
	my ($self, $code) = @_;
	my $r = $self->call('Runtime.evaluate', {expression => $code, returnByValue => JSON::PP::true, awaitPromise => JSON::PP::true});

	die "$code: $r->{exceptionDetails}{exception}{description}\n" if $r->{exceptionDetails};
	return $r->{result}{value};
}

sub key
{
	my ($self, $key) = @_;
	my ($code, $text) = @{$keys{$key} // [ord uc $key, $key]};

	$self->call('Input.dispatchKeyEvent', {type => 'keyDown', key => $key, windowsVirtualKeyCode => $code,
		defined $text ? (text => $text) : ()});
	$self->call('Input.dispatchKeyEvent', {type => 'keyUp', key => $key, windowsVirtualKeyCode => $code});
}

sub type
{
	my ($self, $text) = @_;

	$self->call('Input.insertText', {text => $text});
}

sub move
{
	my ($self, $x, $y) = @_;

	$self->call('Input.dispatchMouseEvent', {type => 'mouseMoved', x => $x, y => $y});
}

sub click
{
	my ($self, $x, $y) = @_;

	$self->move($x, $y);
	$self->call('Input.dispatchMouseEvent', {type => $_, x => $x, y => $y, button => 'left', clickCount => 1})
		for qw(mousePressed mouseReleased);
}

sub screenshot
{
	my ($self, $path) = @_;
	my $r = $self->call('Page.captureScreenshot', {format => 'png'});

	CORE::open my $f, '>:raw', $path or die "$path: $!\n";
	print $f decode_base64($r->{data});
	close $f;
}

1;
