/** The tools of servers that speak the Model Context Protocol, as a toolbox for `react`. */
export { McpMissing, mcpTools, McpUnreachable, type McpServer, type McpTool, type McpTools } from './mcp.ts';
