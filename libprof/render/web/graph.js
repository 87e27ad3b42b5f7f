// A call graph as a picture, in a window of its own: the wheel and + - zoom, dragging and the arrows move,
// 0 and a double click show all of it. A click on a box (or enter, with tab to get there) leaves only the
// box, its callers and its callees in full colour; escape, or a click beside it, brings the others back.
'use strict';

(() => {
	const svg = document.documentElement, full = svg.viewBox.baseVal, pad = 8;
	const all = {x: full.x - pad, y: full.y - pad, width: full.width + 2 * pad, height: full.height + 2 * pad};
	const nodes = new Map(), edges = [];
	let view = {...all}, selected = null, from = null;

	const show = () => svg.setAttribute('viewBox', [view.x, view.y, view.width, view.height].join(' '));
	const fit = () => { view = {...all}; show(); };
	const move = (dx, dy) => { view.x += dx; view.y += dy; show(); };

	// Where a pointer is in the picture.
	const at = e => new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());

	const zoom = (factor, p) => {
		const f = Math.min(Math.max(factor, 20 / view.width), 4 * all.width / view.width);
		view = {x: p.x - (p.x - view.x) * f, y: p.y - (p.y - view.y) * f,
			width: view.width * f, height: view.height * f};
		show();
	};
	const middle = () => ({x: view.x + view.width / 2, y: view.y + view.height / 2});

	// An arrow's id is "TAIL.HEAD".
	const select = name => {
		selected = name === selected ? null : name;
		const near = new Set([selected]);
		for (const {element, tail, head} of edges) {
			const off = selected !== null && tail !== selected && head !== selected;
			element.classList.toggle('off', off);
			if (!off) near.add(tail).add(head);
		}
		for (const [n, element] of nodes) {
			element.classList.toggle('off', selected !== null && !near.has(n));
			element.setAttribute('aria-pressed', n === selected);
		}
	};

	for (const g of svg.querySelectorAll('g.node')) {
		if (g.id === 'legend') continue;
		const name = g.id.replace(/^node/, 'N');
		nodes.set(name, g);
		g.setAttribute('tabindex', 0);
		g.setAttribute('role', 'button');
		g.addEventListener('keydown', e => {
			if (e.key !== 'Enter' && e.key !== ' ') return;
			e.preventDefault();
			select(name);
		});
	}
	for (const element of svg.querySelectorAll('g.edge')) {
		const [tail, head] = element.id.split('.');
		edges.push({element, tail, head});
	}

	svg.addEventListener('wheel', e => {
		e.preventDefault();
		zoom(Math.exp(e.deltaY * (e.deltaMode ? 0.05 : 0.0015)), at(e));
	}, {passive: false});
	svg.addEventListener('pointerdown', e => {
		if (e.button === 0) from = {p: at(e), x: e.clientX, y: e.clientY, moved: false};
	});
	svg.addEventListener('pointermove', e => {
		if (!from) return;
		from.moved ||= Math.abs(e.clientX - from.x) + Math.abs(e.clientY - from.y) > 4;
		if (!from.moved) return;
		const p = at(e);
		move(from.p.x - p.x, from.p.y - p.y);
	});
	window.addEventListener('pointerup', e => {
		const click = from && !from.moved, g = click && e.target.closest && e.target.closest('g.node');
		from = null;
		if (g && g.id !== 'legend') select(g.id.replace(/^node/, 'N'));
		else if (click) select(null);
	});
	svg.addEventListener('dblclick', fit);
	const keys = {
		'+': () => zoom(0.8, middle()), '=': () => zoom(0.8, middle()), '-': () => zoom(1.25, middle()),
		'0': fit, 'Escape': () => select(null),
		'ArrowLeft': () => move(-view.width / 10, 0), 'ArrowRight': () => move(view.width / 10, 0),
		'ArrowUp': () => move(0, -view.height / 10), 'ArrowDown': () => move(0, view.height / 10),
	};
	window.addEventListener('keydown', e => {
		if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
		e.preventDefault();
		keys[e.key]();
	});
	svg.setAttribute('width', '100%');
	svg.setAttribute('height', '100%');
	svg.classList.add('live');
	fit();
})();
