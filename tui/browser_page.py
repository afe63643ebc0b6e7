"""The page that the screen in a browser lives in: all it needs comes from this machine."""

from __future__ import annotations

import base64
import hashlib
import html

_STYLE = """
@font-face{font-family:"Roboto Mono";font-weight:100 700;
 src:url("/static/fonts/RobotoMono-VariableFont_wght.ttf")}
@font-face{font-family:"Roboto Mono";font-weight:100 700;font-style:italic;
 src:url("/static/fonts/RobotoMono-Italic-VariableFont_wght.ttf")}
html,body{margin:0;height:100%;overflow:hidden;background:#12161d}
body,button{font:16px "Roboto Mono",monospace;color:#e6e9ee}
#terminal{position:absolute;inset:0}
.note{position:absolute;inset:0;z-index:10;display:none;background:#12161d;
 flex-direction:column;gap:1.5rem;align-items:center;justify-content:center;text-align:center}
body:not(.-first-byte):not(.-closed) .opening,body.-closed .closed{display:flex}
button{padding:.6rem 1.6rem;border:1px solid #6aaeff;background:none;cursor:pointer}
"""
# The keys go to the screen from the first moment on, without a click into it.
_SCRIPT = """
function toScreen() {
  if (document.body.classList.contains("-closed")) document.querySelector("button").focus();
  else document.querySelector(".xterm-helper-textarea")?.focus();
}
new MutationObserver(toScreen).observe(document.body, {attributeFilter: ["class"]});
window.addEventListener("focus", toScreen);
document.querySelector("button").addEventListener("click", () => location.reload());
"""
_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()


def page(title: str, host: str) -> str:
    """The HTML for a browser that came to `host`; the tab is called `title`."""
    name = html.escape(title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/css/xterm.css">'
        f'<style>{_STYLE}</style><script src="/static/js/textual.js"></script></head><body>'
        f'<div class="note opening">{name}</div>'
        '<div class="note closed" role="alert">This view is closed. The run goes on without it.'
        "<button>Open it again</button></div>"
        '<div id="terminal" class="textual-terminal" data-font-size="16" '
        f'data-session-websocket-url="ws://{html.escape(host)}/ws"></div>'
        f"<script>{_SCRIPT}</script></body></html>\n"
    )


def policy(host: str) -> str:
    """What the page may load, and from where: from this server alone, as the value of a header."""
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{_HASH}'; style-src 'self' 'unsafe-inline'; "
        f"font-src 'self'; img-src 'self' data:; connect-src 'self' ws://{host}; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
