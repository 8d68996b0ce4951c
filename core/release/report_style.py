"""How the report of a deployment looks: calm, in light and dark, and on paper."""

STYLE = """
:root{--ink:#1b1f24;--soft:#57606a;--line:#d8dee4;--paper:#fff;--wash:#f6f8fa;--accent:#0b5cad;
--good:#116329;--warn:#7d4e00;--bad:#a40e26}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b3;--line:#30363d;--paper:#0d1117;
--wash:#161b22;--accent:#6cb2ff;--good:#5fd07a;--warn:#e3b341;--bad:#ff8f86}}
*{box-sizing:border-box}
body{font:15px/1.55 system-ui,"Noto Sans CJK KR","Malgun Gothic",sans-serif;color:var(--ink);
background:var(--paper);max-width:60rem;margin:2.5rem auto;padding:0 1.5rem;
overflow-wrap:anywhere}
p{margin:0}h1{font-size:1.6rem;line-height:1.3;margin:.1rem 0 1.25rem}
h2{font-size:1.1rem;margin:0 0 .6rem}section{margin-top:2.25rem}
.faint,footer,dt,.remedy{color:var(--soft)}
.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
.badge{font-size:.85rem;font-weight:600;border:1px solid currentColor;border-radius:1rem;
padding:.15rem .7rem;vertical-align:middle;white-space:nowrap}
.failure{border-left:3px solid var(--bad);background:var(--wash);padding:.7rem 1rem;
margin-bottom:1.25rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.5rem;margin:0;
padding:1rem 1.25rem;
background:var(--wash);border-radius:8px}dd{margin:0}
table{border-collapse:collapse;width:100%}td{padding:.5rem .75rem .5rem 0;text-align:left;
vertical-align:top;border-top:1px solid var(--line)}tr:first-child td{border-top:0}
td.sign{width:1.6rem;font-weight:700}td.name{width:9.5rem}td.name span{display:block;
font-size:.85rem}td.n{width:5rem;text-align:right;padding-right:0;white-space:nowrap;
font-variant-numeric:tabular-nums}
td.bar{width:22%}td.bar i{display:block;height:.5rem;margin-top:.5rem;min-width:2px;
border-radius:3px;background:var(--accent)}
.remedy,.reason{font-size:.9rem}.reason{font-weight:600}
code{font:.88em ui-monospace,"DejaVu Sans Mono",monospace}
ul{margin:.4rem 0 0;padding-left:1.25rem}
footer{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.85rem}
@media print{body{margin:0;max-width:none}section{break-inside:avoid-page}
.badge{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""
