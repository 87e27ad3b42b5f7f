// A flame graph as a picture: what is drawn without scripts is drawn again, as wide as the window, with
// a field to search, details at the pointer, and zoom.
(() => {
	const svg = document.documentElement, boxes = document.getElementById('boxes');
	const data = JSON.parse(document.getElementById('data').textContent);
	const top = Number(boxes.getAttribute('data-y')), below = Number(boxes.getAttribute('data-below'));
	const pad = 10;
	const make = (parent, name, attributes) => {
		const e = document.createElementNS('http://www.w3.org/1999/xhtml', name);
		for (const a in attributes) e.setAttribute(a, attributes[a]);
		parent.append(e);
		return e;
	};
	const layer = (width, height) => {
		const f = document.createElementNS(NS, 'foreignObject');
		f.setAttribute('width', width);
		f.setAttribute('height', height);
		svg.append(f);
		return f;
	};
	const bar = layer(460, 34), over = layer('100%', '100%');
	const tools = make(bar, 'div', {class: 'tools'});
	over.style.pointerEvents = 'none';
	let height = 0;
	const ui = {
		svg: boxes,
		found: make(tools, 'span', {class: 'found', 'aria-live': 'polite'}),
		search: make(tools, 'input', {placeholder: 'search (regexp)  /', 'aria-label': 'search', spellcheck: 'false'}),
		reset: make(tools, 'button', {type: 'button', title: 'escape'}),
		tip: make(over, 'div', {class: 'tip', hidden: ''}),
		width: () => window.innerWidth - 2 * pad,
		viewport: () => ({width: window.innerWidth, height: window.innerHeight, left: window.scrollX, top: window.scrollY}),
		resize: h => {
			height = h + top + below;
			svg.setAttribute('viewBox', '0 0 ' + window.innerWidth + ' ' + height);
			svg.setAttribute('width', window.innerWidth);
			svg.setAttribute('height', height);
			bar.setAttribute('x', window.innerWidth - 460 - pad);
			bar.setAttribute('y', 6);
			for (const e of document.querySelectorAll('[data-foot]')) e.setAttribute('y', height - 10);
		},
	};
	ui.reset.textContent = 'Reset';
	ui.tip.style.position = 'absolute'; // in this layer, as wide and high as the picture
	boxes.setAttribute('transform', 'translate(' + pad + ' ' + top + ')');
	window.flameGraph = flame(data, ui);
	if (!data.inverted) window.scrollTo(0, height); // to the root
})();
