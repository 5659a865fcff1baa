// The built web client that the server is to show.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../integration/support/studium.mjs'

export function web() {
  const folder = process.env.STUDIUM_WEB ?? join(root, 'web-client/dist')
  if (!existsSync(join(folder, 'index.html'))) throw new Error(`there is no built web client in ${folder}: run npm run build in web-client`)
  return folder
}
