/** The report's style sheet. The colors have a contrast of at least 4.5 to 1 with their background, in both schemes. */
export const style = `
:root{color-scheme:light dark;--ground:#faf8f4;--surface:#fff;--ink:#22252b;--muted:#646974;--line:#e3dfd6;--id:#2a62a8;--ood:#b4490f;--third:#2c7a5d;--tint:#2a62a8}
@media (prefers-color-scheme:dark){:root{--ground:#14161a;--surface:#1c1f25;--ink:#e6e4df;--muted:#a0a5b0;--line:#32363f;--id:#82b4f0;--ood:#f29a62;--third:#73c6a3;--tint:#5b93d8}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
header,nav,main,footer{max-width:72rem;margin-inline:auto;padding-inline:clamp(1rem,4vw,2.5rem)}
header{padding-top:clamp(2rem,6vw,4.5rem)}
h1,h2,h3,h4,h5,.brand{font-family:ui-serif,"Iowan Old Style",Charter,"Palatino Linotype",Georgia,"Noto Serif",serif;line-height:1.2;text-wrap:balance;font-weight:600}
h1{font-size:clamp(1.9rem,5vw,3rem);margin:.2em 0 .4em;letter-spacing:-.01em}
h2{font-size:1.65rem;margin:0 0 .8rem}
h3{font-size:1.2rem;margin:2.2rem 0 .7rem}
h4,h5{font-size:1.02rem;margin:1.6rem 0 .5rem}
.brand{color:var(--id);margin:0;font-size:1.05rem}
.lead{font-size:1.15rem;color:var(--muted);max-width:44rem;margin-top:0}
p,article,dl{max-width:46rem}
a{color:var(--id);text-underline-offset:.18em}
:focus-visible{outline:2px solid var(--id);outline-offset:3px}
nav ol{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin:1.5rem 0 0;padding:.8rem 0;border-block:1px solid var(--line)}
nav a{text-decoration:none;display:inline-block;padding:.15rem 0}
nav a:hover{text-decoration:underline}
main>section{padding-block:2.6rem;border-bottom:1px solid var(--line)}
main>section:last-child{border-bottom:0}
.summary ul.figures{list-style:none;margin:0 0 1.6rem;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,13rem),1fr));gap:1rem}
.figures li{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.2rem}
.figures b{display:block;font:600 2rem/1.15 ui-serif,"Iowan Old Style",Charter,"Palatino Linotype",Georgia,"Noto Serif",serif;color:var(--id);font-variant-numeric:lining-nums}
.figures span{color:var(--muted);font-size:.92rem;line-height:1.35;display:block;margin-top:.3rem}
.answer{font-size:1.08rem;border-left:3px solid var(--id);padding-left:1rem}
.note,figcaption{color:var(--muted);font-size:.92rem;line-height:1.45}
.absent{border:1px solid var(--ood);border-radius:.6rem;padding:.8rem 1.1rem;margin-top:2rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,min(100%,27rem));gap:1.5rem;align-items:start;margin-block:1.4rem}

figure{margin:0}
figcaption{margin-top:.5rem}
.plots figure{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1rem .9rem}
.plot{display:block;width:100%;height:auto;overflow:visible}
.plot text{white-space:pre}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;margin:.4rem 0 .3rem;padding:0;font-size:.9rem}
.legend svg{margin-right:.45rem;vertical-align:.08em}
.scroll{overflow-x:auto;margin-block:1.2rem;max-width:100%;width:fit-content;background:linear-gradient(to right,var(--ground) 50%,transparent) 0 0/2.5rem 100% no-repeat local,linear-gradient(to left,var(--ground) 50%,transparent) 100% 0/2.5rem 100% no-repeat local,linear-gradient(to right,var(--line),transparent) 0 0/.8rem 100% no-repeat,linear-gradient(to left,var(--line),transparent) 100% 0/.8rem 100% no-repeat}
table{border-collapse:collapse;font-size:.93rem;font-variant-numeric:tabular-nums lining-nums}
caption{text-align:left;color:var(--muted);padding-bottom:.5rem;font-size:.92rem}
th,td{padding:.32rem .8rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{padding-left:0}
th{font-weight:600}
tbody th{font-weight:500}
.words,article th,article td{text-align:left}
article th,article td{white-space:normal}
thead th{border-bottom:1px solid var(--muted);vertical-align:bottom}
abbr{text-decoration-style:dotted;text-underline-offset:.2em}
mark{background:color-mix(in srgb,var(--tint) 22%,transparent);color:inherit;border-radius:.25rem;padding:.1em .3em;margin-right:-.3em;font-weight:600}
.heat{display:block;margin:-.32rem -.8rem;padding:.32rem .8rem;background:color-mix(in srgb,var(--tint) calc(var(--share)*62%),transparent)}
img{display:block;image-rendering:pixelated;max-width:100%;background:#000;border-radius:3px}
.tiles{list-style:none;display:grid;grid-template-columns:repeat(9,1fr);gap:.8rem;max-width:48rem;margin:0;padding:0}
.tiles li{text-align:center;font-size:.85rem;line-height:1.2;color:var(--muted)}
.tiles img{margin:0 auto .3rem}
.clusters{list-style:none;display:grid;grid-template-columns:repeat(auto-fill,minmax(171px,1fr));gap:1.1rem .9rem;margin:1rem 0;padding:0}
.clusters div{display:flex;gap:3px}
.clusters img{max-width:none}
.clusters p{margin:.3rem 0 0;font-size:.9rem}
.clusters p b{display:inline-block;min-width:1.4em;color:var(--id)}
.clusters span{color:var(--muted)}
.extremes{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,10.5rem),1fr));gap:1.2rem;margin-block:1.4rem}
.extremes figcaption{margin-top:.4rem}
.extremes b{color:var(--ink);font-weight:600}
.cases{list-style:none;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:1.1rem 1.5rem;margin:1.2rem 0;padding:0}
.cases li{display:flex;gap:.9rem;align-items:center;font-size:.9rem;line-height:1.4;color:var(--muted)}
.cases p{margin:0}
.cases b{color:var(--ink);font-weight:600}
.out{color:var(--ood);font-weight:600}
.in{color:var(--id);font-weight:600}
details{margin-block:1.2rem;border-top:1px solid var(--line);padding-top:.7rem}
summary{cursor:pointer;color:var(--id);font-weight:500}
article{margin-bottom:3rem}
article h3:first-child{font-size:1.4rem}
.math{overflow-x:auto;overflow-y:hidden;padding-block:.3rem}
math{font-size:1.06em;font-family:"STIX Two Math","Cambria Math","Latin Modern Math","DejaVu Math TeX Gyre","Noto Sans Math",math}
blockquote{margin:1rem 0;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--line);color:var(--muted)}
blockquote p,blockquote ul{margin-block:.4rem}
pre{overflow-x:auto;background:var(--surface);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;font-size:.88rem}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono",monospace;font-size:.9em;overflow-wrap:anywhere}
pre code{font-size:1em}
footer{padding-block:2.5rem 4rem;color:var(--muted);font-size:.92rem;border-top:1px solid var(--line)}
footer h2{font-size:1.2rem;color:var(--ink)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;margin:0 0 1rem}
dd{margin:0;overflow-wrap:anywhere}
dl.digests{max-width:none}
@media (max-width:36rem){.plots figure{padding:.8rem .7rem}dl{grid-template-columns:1fr}dt{margin-top:.5rem;font-weight:600}dl,dd{gap:0}.tiles{grid-template-columns:repeat(3,1fr);max-width:20rem}article p,article li{overflow-x:auto;overflow-y:hidden}.extremes{grid-template-columns:1fr 1fr}.summary ul.figures{grid-template-columns:1fr 1fr}.figures li{padding:.8rem .9rem}.figures b{font-size:1.6rem}}
@media print{:root{--ground:#fff;--surface:#fff;--ink:#000;--muted:#444;--line:#ccc;--id:#1f4f8c;--ood:#9a3d0a;--third:#1f624a;--tint:#2a62a8}
body{font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
nav{display:none}header{padding-top:0}figure,tr,.figures li,.clusters li,.cases li{break-inside:avoid}h2,h3,h4{break-after:avoid}
main>section{padding-block:1.2rem}.scroll,.math{overflow:visible}.plots{grid-template-columns:1fr 1fr}th,td{padding-inline:.4rem}table{font-size:8.5pt}.heat{margin-inline:-.4rem;padding-inline:.4rem}
details::details-content{content-visibility:visible;height:auto}}
`;
