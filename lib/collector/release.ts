import type { ReleasePlatform } from './platform.ts'

/** The program in an archive, and what it is called where it is installed. */
export const COLLECTOR_PROGRAM = 'otelcol-contrib'

/** Where the project puts its releases; a mirror holds the same below a URL of its own. */
const RELEASES_URL = 'https://github.com/open-telemetry/opentelemetry-collector-releases/releases/download'

/** One archive of a release, and where it is fetched. */
export interface Release {
  readonly version: string
  readonly archive: string
  readonly archiveUrl: URL
  /** Releases from 0.158 on have one such file for each archive in place of one list for all. */
  readonly checksumUrl: URL
}

/** @param mirror a directory that holds `v<version>/<archive>`; its credentials and its query go with every request */
export function releaseOf (version: string, { os, arch }: ReleasePlatform, mirror: URL = new URL(RELEASES_URL)): Release {
  const archive = `${COLLECTOR_PROGRAM}_${version}_${os}_${arch}.tar.gz`
  const file = (name: string): URL => {
    const url = new URL(mirror)
    url.pathname = `${mirror.pathname.replace(/\/+$/, '')}/v${version}/${name}`
    return url
  }
  return { version, archive, archiveUrl: file(archive), checksumUrl: file(`${archive}.sha256`) }
}
