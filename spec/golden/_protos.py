"""Writes graph/formats/protos/*.proto from the message descriptors that TensorFlow publishes in its Python package.

Run once per TensorFlow version, from the repository's root:

    python -m spec.golden._protos graph/formats/protos

Field numbers, names and types are facts of the format; TensorFlow's comments are left out.
"""
import importlib
import os
import sys

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'

from google.protobuf import descriptor_pb2  # noqa: E402

ROOTS = '''
core.framework.graph core.framework.graph_debug_info core.framework.summary core.framework.step_stats
core.framework.cost_graph core.framework.op_def core.framework.variable core.framework.tensor
core.protobuf.tensor_bundle core.protobuf.saver core.protobuf.saved_model core.protobuf.meta_graph core.protobuf.config
core.protobuf.trackable_object_graph core.protobuf.saved_object_graph core.protobuf.struct core.protobuf.control_flow
core.protobuf.queue_runner core.util.saved_tensor_slice core.util.event core.example.example
python.training.checkpoint_state
'''.split()

Field = descriptor_pb2.FieldDescriptorProto
SCALARS = {getattr(Field, 'TYPE_' + name.upper()): name for name in (
    'double float int64 uint64 int32 fixed64 fixed32 bool string bytes uint32 sfixed32 sfixed64 sint32 sint64').split()}


def files_of():
    found = {}

    def visit(file):
        if file.name in found or file.name.startswith('google/'):
            return
        found[file.name] = file
        for dependency in file.dependencies:
            visit(dependency)

    for root in ROOTS:
        visit(importlib.import_module('tensorflow.%s_pb2' % root).DESCRIPTOR)
    return found


def flat(name):
    """protos/graph.proto for tensorflow/core/framework/graph.proto; Google's own keep their names."""
    return name if name.startswith('google/') else os.path.basename(name)


def type_name(field, package):
    if field.type in SCALARS:
        return SCALARS[field.type]
    name = field.type_name.lstrip('.')
    return name[len(package) + 1:] if name.startswith(package + '.') else '.' + name


def emit_enum(enum, pad, out):
    out.append('%senum %s {' % (pad, enum.name))
    if enum.options.allow_alias:
        out.append('%s  option allow_alias = true;' % pad)
    for span in enum.reserved_range:
        out.append('%s  reserved %s;' % (pad, span_text(span.start, span.end)))
    for value in enum.value:
        out.append('%s  %s = %d;' % (pad, value.name, value.number))
    out.append('%s}' % pad)


def span_text(first, last):
    return str(first) if first == last else '%d to %d' % (first, last)


def emit_field(field, entries, package, pad, out, bare=False):
    options = []
    if field.options.deprecated:
        options.append('deprecated = true')
    if field.options.HasField('packed'):
        options.append('packed = %s' % str(field.options.packed).lower())
    entry = entries.get(field.type_name.rsplit('.', 1)[-1]) if field.type == Field.TYPE_MESSAGE else None
    if entry is not None:
        kind = 'map<%s, %s>' % tuple(type_name(part, package) for part in entry.field)
    else:
        kind = type_name(field, package)
        if field.label == Field.LABEL_REPEATED:
            kind = 'repeated ' + kind
        elif field.proto3_optional and not bare:
            kind = 'optional ' + kind
    assert not field.default_value
    out.append('%s%s %s = %d%s;' % (
        pad, kind, field.name, field.number, ' [%s]' % ', '.join(options) if options else ''))


def emit_message(message, package, pad, out):
    entries = {nested.name: nested for nested in message.nested_type if nested.options.map_entry}
    out.append('%smessage %s {' % (pad, message.name))
    inner = pad + '  '
    for enum in message.enum_type:
        emit_enum(enum, inner, out)
    for nested in message.nested_type:
        if nested.name not in entries:
            emit_message(nested, package, inner, out)
    for span in message.reserved_range:
        out.append('%sreserved %s;' % (inner, span_text(span.start, span.end - 1)))
    for name in message.reserved_name:
        out.append('%sreserved "%s";' % (inner, name))
    emitted = set()
    for field in message.field:
        if field.HasField('oneof_index') and not field.proto3_optional:
            if field.oneof_index in emitted:
                continue
            emitted.add(field.oneof_index)
            out.append('%soneof %s {' % (inner, message.oneof_decl[field.oneof_index].name))
            for other in message.field:
                if other.HasField('oneof_index') and other.oneof_index == field.oneof_index:
                    emit_field(other, entries, package, inner + '  ', out, bare=True)
            out.append('%s}' % inner)
        else:
            emit_field(field, entries, package, inner, out)
    out.append('%s}' % pad)


def main(folder):
    files = files_of()
    # Files that only forward to another of the same name.
    real = {name: file for name, file in files.items() if not file.package.endswith('dummy')}
    names = [flat(name) for name in real]
    assert len(set(names)) == len(names), names
    for name, file in real.items():
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        out = ['// Written by spec/golden/_protos.py from the descriptor of %s, TensorFlow 2.15.' % name,
               'syntax = "proto3";', '', 'package %s;' % proto.package, '']
        imports = sorted(set(flat(dependency) for dependency in proto.dependency) - {flat(name)})
        out += ['import "%s";' % each for each in imports] + ([''] if imports else [])
        for enum in proto.enum_type:
            emit_enum(enum, '', out)
            out.append('')
        for message in proto.message_type:
            emit_message(message, proto.package, '', out)
            out.append('')
        assert not proto.extension and not proto.service, name
        with open(os.path.join(folder, flat(name)), 'w') as stream:
            stream.write('\n'.join(out[:-1]) + '\n')


if __name__ == '__main__':
    main(sys.argv[1])
