/** The release of the OpenTelemetry Collector that the configurations are written for and that is installed: one number for the core and the contrib distribution. */
export const COLLECTOR_VERSION = '0.161.0'
