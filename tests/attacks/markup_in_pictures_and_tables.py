"""Every kind of rich output that a notebook knows, each with something active in it; the answers are right.
---
assignment = "residual_networks"
category = "markup"
---
"""
# %% conv_arithmetic
from IPython.display import HTML, SVG, Image, Javascript, Latex, Markdown, display

def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
display(HTML("<script>alert(1)</script><img src=x onerror=alert(2)><iframe src='https://collect.example/'></iframe>"))
display(Javascript("alert(3); document.cookie"))
display(SVG(data='<svg xmlns="http://www.w3.org/2000/svg" onload="alert(4)"><script>alert(5)</script><foreignObject><body onload="alert(6)"/></foreignObject><a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="javascript:alert(7)"><text y="20">x</text></a><image href="https://collect.example/x.png"/></svg>'))
display(Markdown("[x](javascript:alert(8)) <img src=x onerror=alert(9)>"), Latex(r"$\href{javascript:alert(10)}{x}$"))
display(Image(url="https://collect.example/beacon.png"), Image(url="javascript:alert(11)"))
display({"text/html": ["<scr", "ipt>alert(12)</script>"], "text/plain": "<script>alert(13)</script>"}, raw=True)
display({"application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>alert(14)</script>", "version_major": 2}, "text/plain": "w"}, raw=True)
display({"image/png": "\" onerror=\"alert(15)", "image/jpeg": "AAAA'><script>alert(16)</script>", "text/plain": "p"}, raw=True)
display({"application/json": {"</script><script>alert(17)</script>": 1}, "text/vnd.graphviz": "digraph{}", "text/plain": "j"}, raw=True)
display({"image/svg+xml": "<svg/onload=alert(18)>", "text/plain": "s"}, raw=True, metadata={"image/svg+xml": {"isolated": True}, "\"><script>": 1})


class Table:
    def _repr_html_(self):
        return "<table><tr><td onmouseover=alert(19)>1</td></tr></table><style>body{display:none}</style>"

    def _repr_javascript_(self):
        return "alert(20)"

    def _repr_mimebundle_(self, **kwargs):
        return {"text/html": "<base href=https://collect.example/>", "text/<script>": "x", "text/plain": "t"}


Table()
