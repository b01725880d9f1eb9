import { render } from 'preact';
import './look/base.css';
import './look/shell.css';
import './look/parts.css';
import { App } from './shell/app.tsx';
import { takeToken } from './shell/api.ts';

takeToken();
const root = document.querySelector('#app');
if (root) render(<App />, root);
