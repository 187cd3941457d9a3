import { ByteRun } from '../rows/byte-run.ts'
import { MapColumn } from '../rows/columns.ts'
import { AttributeList } from './attribute-list.ts'
import { writeValue } from './attribute-text.ts'
import { ProtobufReader } from './protobuf-reader.ts'

const SERVICE_NAME = Buffer.from('service.name')
const NOTHING = new Uint8Array(0)

/** What all that comes from one resource has in common; texts are UTF-8. */
export interface Resource {
  attributes: MapColumn
  serviceName: Uint8Array
  schemaUrl: Uint8Array
}

/** What all that comes from one instrumentation scope has in common. */
export interface Scope {
  name: Uint8Array
  version: Uint8Array
  attributes: MapColumn
  droppedAttributes: number
  schemaUrl: Uint8Array
}

/** Told of each span, metric or log record where it is in the request. */
export type Visit = (resource: Resource, scope: Scope, start: number, end: number) => void

/**
 * Walks over an `ExportTraceServiceRequest`, or that of another signal: their outer fields have the same numbers.
 *
 * @throws {MalformedMessage} the bytes are no such request; what came before was visited
 */
export function walkRequest (request: Uint8Array, visit: Visit): void {
  const reader = new ProtobufReader(request)
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    reader.delimited()
    walkResource(request, reader.start, reader.end, visit)
  }
}

function walkResource (request: Uint8Array, start: number, end: number, visit: Visit): void {
  const resource: Resource = { attributes: new MapColumn(), serviceName: NOTHING, schemaUrl: NOTHING }
  const reader = new ProtobufReader(request, start, end)
  // Fields may come in any order, and what is common is needed first.
  while (reader.next()) {
    if (reader.field === 1) {
      reader.delimited()
      readResource(resource, request, reader.start, reader.end)
    } else if (reader.field === 3) {
      reader.delimited()
      resource.schemaUrl = request.subarray(reader.start, reader.end)
    } else reader.skip()
  }
  reader.enter(start, end)
  while (reader.next()) {
    if (reader.field === 2) {
      reader.delimited()
      walkScope(request, reader.start, reader.end, resource, visit)
    } else reader.skip()
  }
}

function walkScope (request: Uint8Array, start: number, end: number, resource: Resource, visit: Visit): void {
  const scope: Scope = { name: NOTHING, version: NOTHING, attributes: new MapColumn(), droppedAttributes: 0, schemaUrl: NOTHING }
  const reader = new ProtobufReader(request, start, end)
  while (reader.next()) {
    if (reader.field === 1) {
      reader.delimited()
      readScope(scope, request, reader.start, reader.end)
    } else if (reader.field === 3) {
      reader.delimited()
      scope.schemaUrl = request.subarray(reader.start, reader.end)
    } else reader.skip()
  }
  reader.enter(start, end)
  while (reader.next()) {
    if (reader.field === 2) {
      reader.delimited()
      visit(resource, scope, reader.start, reader.end)
    } else reader.skip()
  }
}

function readResource (resource: Resource, request: Uint8Array, start: number, end: number): void {
  const reader = new ProtobufReader(request, start, end)
  const attributes = new AttributeList()
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    attributes.add(reader)
    if (resource.serviceName.length === 0) resource.serviceName = serviceName(request, reader.start, reader.end)
  }
  attributes.writeRow(resource.attributes, request)
}

/** The value of the attribute, if it is that one. */
function serviceName (request: Uint8Array, start: number, end: number): Uint8Array {
  const reader = new ProtobufReader(request, start, end)
  const value = new ProtobufReader(request, end, end)
  let isName = false
  while (reader.next()) {
    if (reader.field === 1) {
      reader.delimited()
      isName = SERVICE_NAME.equals(request.subarray(reader.start, reader.end))
    } else if (reader.field === 2) {
      reader.delimited()
      value.enter(reader.start, reader.end)
    } else reader.skip()
  }
  if (!isName) return NOTHING
  const text = new ByteRun()
  writeValue(text, value)
  return withoutLength(text.written)
}

function withoutLength (text: Uint8Array): Uint8Array {
  return text.subarray(text.findIndex(byte => byte < 0x80) + 1)
}

function readScope (scope: Scope, request: Uint8Array, start: number, end: number): void {
  const reader = new ProtobufReader(request, start, end)
  const attributes = new AttributeList()
  while (reader.next()) {
    switch (reader.field) {
      case 1: reader.delimited(); scope.name = request.subarray(reader.start, reader.end); break
      case 2: reader.delimited(); scope.version = request.subarray(reader.start, reader.end); break
      case 3: attributes.add(reader); break
      case 4: scope.droppedAttributes = reader.number32(); break
      default: reader.skip()
    }
  }
  attributes.writeRow(scope.attributes, request)
}
