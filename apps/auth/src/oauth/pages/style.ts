/** One small sheet for every page, inside it: nothing else is loaded, and the policy names its hash. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #59636e; --paper: #fff; --ground: #f3f5f7; --line: #8c959f; --act: #0a58ca; --bad: #b42318; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --dim: #9da7b1; --paper: #161b22; --ground: #0d1117; --line: #6e7681; --act: #6ea8fe; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 27rem; padding: 2rem; background: var(--paper); border-radius: .75rem; box-shadow: 0 1px 4px #0003; overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; font-size: 1.35rem; line-height: 1.3; }
p { margin: 0 0 1rem; }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
small { color: var(--dim); font-size: .875rem; }
label { display: block; margin: 0 0 .25rem; font-weight: 600; }
input { width: 100%; margin: 0 0 1rem; padding: .6rem .75rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--paper); color: inherit; font: inherit; }
button { width: 100%; margin: 0 0 .75rem; padding: .7rem 1rem; border: 1px solid var(--act); border-radius: .4rem; background: var(--act); color: var(--paper); font: inherit; font-weight: 600; cursor: pointer; }
button.second { background: transparent; color: var(--act); }
input:focus-visible, button:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
[role=alert] { padding: .75rem; border-left: 4px solid var(--bad); color: var(--bad); }
`;
