/** Starts the page: the socket fills the store, and the views show it. */
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/layout.css';
import './styles/base.css';
import './styles/header.css';
import './styles/clock.css';
import './styles/panels.css';
import './styles/help.css';
import { App } from './components/app.tsx';
import { keepLive, type Socket } from './live.ts';
import { store } from './model.ts';
import { takeToken } from './token.ts';

keepLive(store, takeToken(), {
  dial: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/live`) as Socket,
  nowMs: () => performance.now(),
  chance: Math.random,
  after: (ms, run) => void setTimeout(run, ms),
});

const app = document.getElementById('app');
if (app !== null) render(<App />, app);
