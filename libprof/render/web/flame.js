// A flame graph in an SVG element: layout, zoom, search, details, keyboard. The same code runs in the
// pictures (picture.js) and in the pages (page.js). Names come from files and are hostile: they only
// ever become text nodes and attribute values, never markup.
//
//	flame(data, ui) with data as libprof/render/flame_data.c writes it and
//	ui.svg     the <svg> or <g> to draw into       ui.tip     an element for details at the pointer
//	ui.width() how wide that is, in pixels         ui.resize(height) called with what it needs
//	ui.viewport() size of the window, and where it is in what holds the tip: {width, height, left, top}
//	ui.search  an <input>, ui.found an element for what it found, ui.reset a <button>
//	ui.changed(flame) called after each change of the view, ui.select(flame, box) of the selection
'use strict';

// Boxes narrower than MIN are not drawn; those narrower than THIN, which are thousands, are drawn as one
// path for all of a colour.
const ROW = 17, MIN = 0.5, THIN = 3, NS = 'http://www.w3.org/2000/svg';

// Text of a value in a type's units, as pprof writes it.
function formatValue(data, type, value) {
	const steps = data.types[type].steps;
	let v = value * data.ratio, k = steps.length - 1;
	while (k > 0 && Math.abs(v) < steps[k][0]) k--;
	v = (v / steps[k][0]).toFixed(2).replace(/\.00$/, '');
	return v === '0' || v === '-0' ? '0' : v + steps[k][1];
}

function formatPercent(value, total) {
	const p = total ? Math.abs(value / total) * 100 : 0;
	if (p >= 99.95 && p <= 100.05) return '100%';
	return (p >= 1 ? p.toFixed(2) : String(Number(p.toPrecision(2)))) + '%';
}

// A name behind the path of its package.
function shortName(name) {
	const end = (name + '(').search(/[[(]/);
	return name.slice(name.slice(0, end).lastIndexOf('/') + 1);
}

// The same steps as prof_flame_label.
function shortNames(frame) {
	const [name, , fn, file, line] = frame;
	const f = fn === undefined ? name : fn;
	const place = whole => {
		const path = whole || !file ? file || '' : file.slice(file.lastIndexOf('/') + 1);
		const text = path + (line ? ':' + line : '');
		return text && f ? ' ' + text : text;
	};
	const tail = shortName(f);
	const dot = tail.search(/[.[]/), bare = tail[dot] === '.' ? tail.slice(dot + 1) : tail;
	const end = bare.startsWith('(') ? bare.indexOf(').') : -1;
	const method = end >= 0 && end + 2 < bare.length ? bare.slice(end + 2) : bare;
	const plain = text => {
		let out = '', depth = 0;
		for (const c of text) {
			if (c === '[' && !depth++) out += '[…]';
			else if (c === ']' && depth) depth--;
			else if (!depth) out += c;
		}
		return out;
	};
	return [f + place(true), tail + place(), ...[tail, bare, method].map(s => plain(s) + place())];
}

// Characters of other scripts may be twice as wide.
function columnsOf(text) {
	let n = 0;
	for (const c of text) n += c >= '\u1100' && c !== '…' ? 2 : 1;
	return n;
}

function label(frame, columns) {
	if (columns < 2) return '';
	const names = frame.short || (frame.short = shortNames(frame));
	const whole = names.find(n => columnsOf(n) <= columns);
	if (whole !== undefined || columns < 5) return whole || '';
	let cut = '';
	for (const c of names[4]) {
		if (columnsOf(cut + c) >= columns) break;
		cut += c;
	}
	return cut + '…';
}

// Nodes as arrays: data has, level by level, each node's frame, number of children, self and rest.
function decode(data) {
	const {frame, kids, self, rest} = data.nodes, n = frame.length;
	const parent = new Int32Array(n).fill(-1), first = new Int32Array(n), depth = new Int32Array(n);
	let next = 1;
	for (let i = 0; i < n; i++) {
		first[i] = next;
		for (let k = 0; k < kids[i]; k++, next++) {
			parent[next] = i;
			depth[next] = depth[i] + 1;
		}
	}
	const cum = self.map((own, c) => {
		const sum = new Float64Array(n);
		for (let i = n - 1; i >= 0; i--) {
			sum[i] += own[i] + rest[c][i];
			if (i) sum[parent[i]] += sum[i];
		}
		return sum;
	});
	return {n, frame, kids, parent, first, depth, self, rest, cum};
}

function flame(data, ui) {
	const t = decode(data), x = new Float64Array(t.n), w = new Float64Array(t.n);
	const restWidth = new Float64Array(t.n), kidsWidth = new Float64Array(t.n);
	const me = {
		data, tree: t, type: data.type, share: data.share, width: data.width,
		byName: data.byName, inverted: data.inverted, zoomed: 0, selected: 0, pattern: null,
	};
	let charWidth = 6.62, matches = null, seen = [], deepest = 0;

	const column = (type, old) => data.diff ? 2 * type + (old ? 1 : 0) : type;
	const total = old => data.types[me.type].total[old ? 1 : 0];
	me.cum = (i, old) => t.cum[column(me.type, old)][i];
	me.self = (i, old) => t.self[column(me.type, old)][i];
	me.name = i => i ? data.frames[t.frame[i]][0] : data.title;
	me.format = v => formatValue(data, me.type, v);
	me.percent = (v, old) => formatPercent(v, total(old));

	// A value of a side in units that both sides are compared in.
	const scaled = (v, old) => !data.diff || !me.share ? v : total(old) > 0 ? v / total(old) : 0;

	function widthOf(i, now, was) {
		const a = scaled(now, false), b = scaled(was, true);
		if (!data.diff) return a;
		if (me.width === 'larger') return Math.max(a, b);
		if (me.width === 'new') return me.cum(i, false) > 0 ? a : b;
		return me.cum(i, true) > 0 ? b : a;
	}

	function layout() {
		const now = column(me.type, false), was = column(me.type, true);
		kidsWidth.fill(0);
		for (let i = t.n - 1; i >= 0; i--) {
			restWidth[i] = widthOf(i, t.rest[now][i], t.rest[was] ? t.rest[was][i] : 0);
			w[i] = kidsWidth[i] + restWidth[i] +
				widthOf(i, t.self[now][i], t.self[was] ? t.self[was][i] : 0);
			if (i) kidsWidth[t.parent[i]] += w[i];
		}
		x[0] = 0;
		for (let i = 0; i < t.n; i++) {
			const order = [];
			for (let k = 0; k < t.kids[i]; k++) order.push(t.first[i] + k);
			if (!me.byName) order.sort((a, b) => w[b] - w[a] || a - b);
			let at = x[i];
			for (const k of order) {
				x[k] = at;
				at += w[k];
			}
		}
	}

	// As prof_flame_class and prof_flame_one_sided.
	function classOf(i) {
		if (!data.diff) return 'p' + (i ? data.colours[data.frames[t.frame[i]][1]] : 24);
		const a = scaled(me.cum(i, false), false), b = scaled(me.cum(i, true), true);
		const oneSided = a > 0 !== b > 0 ? ' h' : '';
		if (!(data.nodes.changed[me.type][i] & (me.share ? 1 : 2)) || a === b) return 'd0' + oneSided;
		const part = Math.abs(a - b) / Math.max(a, b);
		return (a > b ? 'u' : 'n') + (part < .1 ? 1 : part < .25 ? 2 : part < .5 ? 3 : 4) + oneSided;
	}

	function box(parts, i, kind, left, width, y) {
		const r = document.createElementNS(NS, 'rect');
		r.setAttribute('class', kind);
		r.setAttribute('x', left.toFixed(2));
		r.setAttribute('y', y);
		r.setAttribute('width', (width - .5).toFixed(2));
		r.setAttribute('height', ROW - 1);
		r.box = i;
		parts.append(r);
		return r;
	}

	function text(parts, i, kind, left, width, y) {
		const l = i ? label(data.frames[t.frame[i]], Math.floor((width - 5) / charWidth))
			: label([data.title, 0], Math.floor((width - 5) / charWidth));
		if (!l) return false;
		const e = document.createElementNS(NS, 'text');
		if (kind) e.setAttribute('class', kind);
		e.setAttribute('x', (Math.max(left, 0) + 3).toFixed(1));
		e.setAttribute('y', y + 12);
		e.textContent = l;
		parts.append(e);
		return true;
	}

	// What is in sight: [box, left, width, kind] in pixels; boxes under MIN are only in their parent.
	function visible() {
		const z = me.zoomed, scale = w[z] > 0 ? ui.width() / w[z] : 0, out = [], above = new Set();
		for (let p = t.parent[z]; p >= 0; p = t.parent[p]) above.add(p);
		for (let i = 0; i < t.n; i++) {
			const left = (x[i] - x[z]) * scale, width = w[i] * scale;
			if (i === z || above.has(i)) {
				out.push([i, 0, ui.width(), i === z ? '' : 'up']);
			} else if (t.depth[i] > t.depth[z] && width >= MIN &&
				left > -1e-6 * ui.width() && left + width < ui.width() * (1 + 1e-6)) {
				out.push([i, left, width, '']);
			} else {
				continue;
			}
			const rest = restWidth[i] * scale;
			if (rest >= 1 && t.depth[i] >= t.depth[z]) out.push([i, left + kidsWidth[i] * scale, rest, 'r']);
		}
		return out;
	}

	function draw() {
		const parts = document.createDocumentFragment(), thin = new Map();
		seen = visible();
		deepest = 0;
		for (const [i, , , kind] of seen) deepest = Math.max(deepest, t.depth[i] + (kind === 'r' ? 1 : 0));
		for (const [i, left, width, kind] of seen) {
			const d = t.depth[i] + (kind === 'r' ? 1 : 0), y = (me.inverted ? d : deepest - d) * ROW;
			const inl = data.nodes.inlined[i] === '2' && kind !== 'r' ? ' i' : '';
			const match = !matches || kind === 'r' ? '' : i && matches[t.frame[i]] ? ' m' : ' f';
			const all = kind === 'r' ? 'r' : classOf(i) + (kind && ' ' + kind) + inl + match;
			if (width < THIN) {
				const w = (width > 2 ? width - .5 : width).toFixed(2);
				thin.set(all, (thin.get(all) || '') + 'M' + left.toFixed(2) + ' ' + y + 'h' + w + 'v' + (ROW - 1) + 'h-' + w + 'z');
				continue;
			}
			const r = box(parts, i, all, left, width, y);
			if (kind === 'r') continue;
			if (text(parts, i, inl.trim(), left, width, y)) {
				r.setAttribute('tabindex', 0);
				r.setAttribute('role', 'button');
				r.setAttribute('aria-label', me.name(i) + ' ' + me.percent(me.cum(i, false), false));
			}
			if (i === me.selected && i) r.classList.add('sel');
		}
		for (const [kind, d] of thin) {
			const p = document.createElementNS(NS, 'path');
			p.setAttribute('class', kind);
			p.setAttribute('d', d);
			parts.append(p);
		}
		ui.svg.replaceChildren(parts);
		ui.resize((deepest + 1) * ROW);
		if (ui.reset) ui.reset.disabled = !me.zoomed && !matches;
		if (ui.changed) ui.changed(me);
	}

	// What is drawn at a place of the window: [box, left, width, kind], or undefined.
	me.at = (clientX, clientY) => {
		const m = ui.svg.getScreenCTM(), row = Math.floor((clientY - m.f) / m.d / ROW);
		const at = (clientX - m.e) / m.a, d = me.inverted ? row : deepest - row;
		return seen.find(([i, left, width, kind]) =>
			t.depth[i] + (kind === 'r' ? 1 : 0) === d && at >= left && at < left + width);
	};

	// How much a box has changed, by what is compared; the root's share is always all.
	function changeOf(i) {
		const now = me.cum(i, false), was = me.cum(i, true), plus = v => v < 0 ? '' : '+';
		const by = was ? (now / was - 1) * 100 : 0;
		const points = (scaled(now, false) - scaled(was, true)) * 100;
		const noise = data.nodes.changed[me.type][i] & (me.share ? 1 : 2) || !i ? '' : ', no more than noise';
		if (!was || !now) return (!now ? 'gone' : 'new') + noise;
		if (now === was && !(me.share && i)) return 'unchanged';
		if (me.share && i) return plus(points) + points.toFixed(2) + ' points of the total' + noise;
		return plus(now - was) + me.format(now - was) + ' (' + plus(by) + by.toFixed(1) + '%)' + noise;
	}

	// Lines of text: name, values, where it is from.
	me.details = (i, rest) => {
		const amount = (v, old) => me.format(v) + ' (' + me.percent(v, old) + ')';
		const line = (what, f) => what + (data.diff ? amount(f(true), true) + ' → ' : '') + amount(f(false), false);
		if (rest) return ['callees too narrow to show', line('', old => t.rest[column(me.type, old)][i])];
		const lines = [me.name(i), line('', old => me.cum(i, old))];
		if (me.self(i, false) || data.diff && me.self(i, true)) lines.push(line('self ', old => me.self(i, old)));
		if (data.diff) lines.push(changeOf(i));
		const inl = data.nodes.inlined[i];
		if (inl !== '0') lines.push(inl === '2' ? 'inlined into its caller' : 'inlined in places');
		if (!data.diff && i && t.parent[i] > 0) lines.push(formatPercent(me.cum(i, false), me.cum(t.parent[i], false)) + ' of its caller');
		return lines;
	};

	// The stack of a box, leaf first, as people paste it.
	me.stack = i => {
		const lines = [];
		for (; i > 0; i = t.parent[i]) lines.push(me.name(i));
		return lines.join('\n');
	};

	me.zoom = i => {
		me.zoomed = me.selected = i;
		draw();
		if (ui.select) ui.select(me, i);
	};

	// Boxes whose name matches, and what is in them: of boxes inside each other the outer one counts.
	me.search = pattern => {
		let re = null;
		me.pattern = null;
		matches = null;
		ui.found.textContent = '';
		ui.search.classList.remove('bad');
		if (pattern) {
			try {
				re = new RegExp(pattern.replace(/^\(\?i\)/, ''), pattern.startsWith('(?i)') ? 'i' : '');
			} catch (e) {
				ui.search.classList.add('bad');
				ui.found.textContent = 'not a regular expression';
			}
		}
		if (re) {
			me.pattern = re;
			matches = data.frames.map(f => re.test(f[0]));
			const inside = new Uint8Array(t.n), sum = [0, 0];
			for (let i = 1; i < t.n; i++) {
				const hit = matches[t.frame[i]], above = inside[t.parent[i]];
				inside[i] = hit || above ? 1 : 0;
				if (!hit || above) continue;
				sum[0] += me.cum(i, false);
				if (data.diff) sum[1] += me.cum(i, true);
			}
			ui.found.textContent = 'matched ' +
				(data.diff ? me.percent(sum[1], true) + ' → ' : '') + me.percent(sum[0], false);
		}
		draw();
	};

	me.update = changes => {
		Object.assign(me, changes);
		layout();
		if (!(w[me.zoomed] > 0)) me.zoomed = me.selected = 0; // nothing of it in this type
		if (me.pattern) me.search(ui.search.value); else draw();
		if (ui.select) ui.select(me, me.selected);
	};

	function showTip(e) {
		const hit = me.at(e.clientX, e.clientY);
		ui.tip.hidden = !hit;
		if (!hit) return;
		const lines = me.details(hit[0], hit[3] === 'r');
		ui.tip.replaceChildren(...lines.map(l => {
			const d = document.createElementNS('http://www.w3.org/1999/xhtml', 'div');
			d.textContent = l;
			return d;
		}));
		const r = ui.tip.getBoundingClientRect(), page = ui.viewport();
		const x = Math.max(4, Math.min(e.clientX + 12, page.width - r.width - 8));
		const y = e.clientY + 16 + r.height < page.height ? e.clientY + 16 : Math.max(4, e.clientY - r.height - 10);
		ui.tip.style.left = x + page.left + 'px';
		ui.tip.style.top = y + page.top + 'px';
	}

	// From a focused box: to its caller, the first callee, the neighbours; enter zooms.
	function boxKey(e) {
		const i = e.target.box, up = me.inverted ? 'ArrowUp' : 'ArrowDown', down = me.inverted ? 'ArrowDown' : 'ArrowUp';
		const near = [...ui.svg.querySelectorAll('rect[tabindex]')];
		const same = near.filter(r => t.depth[r.box] === t.depth[i]).sort((a, b) => x[a.box] - x[b.box]);
		const at = same.findIndex(r => r.box === i);
		let to;
		if (e.key === 'Enter' || e.key === ' ') {
			me.zoom(i);
			to = [...ui.svg.querySelectorAll('rect[tabindex]')].find(r => r.box === i);
		} else if (e.key === up) to = near.find(r => r.box === t.parent[i]);
		else if (e.key === down) to = near.filter(r => t.parent[r.box] === i).sort((a, b) => w[b.box] - w[a.box])[0];
		else if (e.key === 'ArrowLeft') to = same[at - 1];
		else if (e.key === 'ArrowRight') to = same[at + 1];
		else return;
		e.preventDefault();
		if (to) to.focus();
	}

	ui.svg.addEventListener('pointermove', showTip);
	ui.svg.addEventListener('pointerleave', () => ui.tip.hidden = true);
	window.addEventListener('scroll', () => ui.tip.hidden = true, true);
	ui.svg.addEventListener('click', e => {
		const hit = me.at(e.clientX, e.clientY);
		if (hit && hit[3] !== 'r') me.zoom(hit[0]);
	});
	ui.svg.addEventListener('focusin', e => {
		if (e.target.box === undefined) return;
		me.selected = e.target.box;
		if (ui.select) ui.select(me, me.selected);
	});
	window.addEventListener('keydown', e => {
		const typing = e.target === ui.search;
		if (e.ctrlKey || e.metaKey || e.altKey || !typing && /^(input|select|textarea)$/i.test(e.target.tagName)) return;
		if (e.key === '/' && !typing) {
			e.preventDefault();
			ui.search.focus();
		} else if (e.key === 'Escape') {
			if (me.zoomed && !typing) me.zoom(0);
			else {
				ui.search.value = '';
				ui.search.blur();
				me.search('');
			}
		} else if (e.target.box !== undefined) {
			boxKey(e);
		}
	});
	ui.search.addEventListener('input', () => me.search(ui.search.value));
	ui.reset.addEventListener('click', () => {
		ui.search.value = '';
		me.search('');
		me.zoom(0);
	});
	window.addEventListener('resize', draw);

	const probe = document.createElementNS(NS, 'text');
	probe.textContent = 'm'.repeat(100);
	ui.svg.replaceChildren(probe);
	charWidth = probe.getComputedTextLength() / 100 || charWidth;
	layout();
	draw();
	return me;
}
