// Zooming and pointing. The panels are views on the whole time, 0 to ALL; to zoom is to move them.
'use strict';
const chart = (() => {
	const ALL = 1e6, NS = 'http://www.w3.org/2000/svg';
	const data = JSON.parse(document.getElementById('data').textContent);
	const svg = document.getElementById('chart'), tip = document.getElementById('tip');
	const plots = [...svg.querySelectorAll('svg.plot')], times = document.getElementById('times');
	const left = +plots[0].getAttribute('x'), width = +plots[0].getAttribute('width');
	const below = +times.firstChild.getAttribute('y');
	let from = 0, to = ALL, drag = null;

	const make = (name, className, parent) => {
		const e = document.createElementNS(NS, name);
		e.setAttribute('class', className);
		parent.append(e);
		return e;
	};
	const cursors = plots.map(p => make('path', 'cursor', p)), chosen = plots.map(p => make('path', 'chosen', p));

	const time = ns => {
		for (const [unit, of] of [['s', 1e9], ['ms', 1e6], ['us', 1e3]])
			if (ns >= of)
				return +(ns / of).toPrecision(6) + unit;
		return Math.round(ns) + (ns ? 'ns' : '');
	};
	const step = span => {
		const p = 10 ** Math.floor(Math.log10(span / 10));
		return [1, 2, 5, 10].map(k => k * p).find(s => span / s <= 10);
	};

	const draw = () => {
		for (const p of plots)
			p.setAttribute('viewBox', `${from} 0 ${to - from} ${p.getAttribute('height')}`);
		const k = data.end / ALL, s = step((to - from) * k);
		times.replaceChildren();
		for (let t = Math.ceil(from * k / s) * s; t <= to * k * 1.000001; t += s) {
			const e = make('text', 'xtick', times);
			e.setAttribute('x', left + (t / k - from) / (to - from) * width);
			e.setAttribute('y', below);
			e.textContent = time(t);
		}
	};
	const show = (a, b) => {
		const span = Math.min(Math.max(b - a, 1), ALL);
		from = Math.min(Math.max(a, 0), ALL - span);
		to = from + span;
		draw();
	};
	const zoom = (at, by) => show(at - (at - from) * by, at + (to - at) * by);

	// Where the pointer is: 0 at the left edge of the panels, 1 at the right one.
	const part = ev => {
		const r = svg.getBoundingClientRect();
		return ((ev.clientX - r.left) / r.width * svg.viewBox.baseVal.width - left) / width;
	};
	const at = ev => from + part(ev) * (to - from);

	// The last label at or before x.
	const label = x => {
		let a = 0, b = data.labels.length;
		while (a < b) {
			const m = a + b >> 1;
			if (data.labels[m][0] <= x) a = m + 1; else b = m;
		}
		return a ? data.labels[a - 1][1] : '';
	};
	const hide = () => {
		tip.hidden = true;
		for (const c of cursors) c.setAttribute('d', '');
	};
	const point = ev => {
		const p = part(ev), x = at(ev), text = p >= 0 && p <= 1 ? label(x) : '';
		if (!text)
			return hide();
		for (const c of cursors) c.setAttribute('d', `M${x} 0V1000`);
		tip.textContent = text;
		tip.hidden = false;
		const w = tip.offsetWidth, h = tip.offsetHeight;
		tip.style.left = Math.max(0, ev.clientX + 16 + w > innerWidth ? ev.clientX - 16 - w : ev.clientX + 16) + 'px';
		tip.style.top = Math.max(0, Math.min(ev.clientY + 16, innerHeight - h - 4)) + 'px';
	};

	svg.addEventListener('wheel', ev => {
		ev.preventDefault();
		zoom(at(ev), ev.deltaY > 0 ? 1.25 : 0.8);
		point(ev);
	}, {passive: false});
	svg.addEventListener('pointerdown', ev => {
		if (ev.button !== 0 || part(ev) < 0 || part(ev) > 1)
			return;
		drag = {x: at(ev), from, to, move: ev.shiftKey, part: part(ev)};
		svg.setPointerCapture(ev.pointerId);
	});
	svg.addEventListener('pointermove', ev => {
		if (drag && drag.move) {
			const by = (part(ev) - drag.part) * (drag.to - drag.from);
			show(drag.from - by, drag.to - by);
		} else if (drag) {
			const x = Math.min(Math.max(at(ev), from), to);
			for (const c of chosen) c.setAttribute('d', `M${drag.x} 0V1000H${x}V0Z`);
		}
		point(ev);
	});
	const drop = ev => {
		const d = drag;
		drag = null;
		for (const c of chosen) c.setAttribute('d', '');
		if (d && !d.move && ev.type === 'pointerup' && Math.abs(part(ev) - d.part) > .005)
			show(Math.min(d.x, at(ev)), Math.max(d.x, at(ev)));
	};
	svg.addEventListener('pointerup', drop);
	svg.addEventListener('pointercancel', drop);
	svg.addEventListener('pointerleave', hide);
	svg.addEventListener('dblclick', () => show(0, ALL));
	document.addEventListener('keydown', ev => {
		const span = to - from, middle = (from + to) / 2;
		if (ev.ctrlKey || ev.altKey || ev.metaKey)
			return;
		if (ev.key === 'Escape') show(0, ALL);
		else if (ev.key === '+' || ev.key === '=') zoom(middle, .5);
		else if (ev.key === '-') zoom(middle, 2);
		else if (ev.key === 'ArrowLeft') show(from - span / 4, to - span / 4);
		else if (ev.key === 'ArrowRight') show(from + span / 4, to + span / 4);
		else return;
		ev.preventDefault();
	});
	draw();
	return {shown: () => [from, to], show};
})();
