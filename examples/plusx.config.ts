/** A configuration: `npx plusx --config examples/plusx.config.ts ask "What is 17 * 24?"`. docs/configuration.md says what it may hold. */
import { defineConfig } from '../src/config/index.ts'; // outside of this repository: from 'plusx/config'

export default defineConfig({
  models: {
    careful: 'openai/gpt-5-mini + selfConsistency(n=3)',
    checked: { formula: 'careful + selfRefine', about: 'slow and right' },
  },
  providers: {
    house: { baseURL: 'http://127.0.0.1:8000/v1', like: 'vllm', key: { env: 'HOUSE_KEY', optional: true } },
    claude: { package: '@ai-sdk/anthropic', promptCache: 'prefix' },
  },
  defaults: { model: 'careful', budget: { calls: 100 }, request: { temperature: 0.7 } },
  prices: { date: '2026-11-28', models: { 'openai/gpt-5-mini': { input: 0.25, output: 2, cachedInput: 0.025 } } },
  tasks: { sums: 'arithmetic' },
});
