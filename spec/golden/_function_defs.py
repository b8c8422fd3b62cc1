"""The canonical text of the function library of a GraphDef: how arguments, results and nodes are named in the file.

Attributes of the nodes stand in the text of the graph already (`_text.py`); README.md beside this file specifies both.
"""

import re


def _short(name):
    return re.sub(r'^.*(?=___redundant_placeholder)', '', name)


def _attrs(attrs, attr_text, names):
    texts = ['%s=%s' % (key, attr_text(key, attrs[key], names)) for key in sorted(attrs)]
    return ' {%s}' % ', '.join(texts) if texts else ''


def _argument(i, arg, definition, attr_text, type_name, names):
    attrs = definition.arg_attr[i].attr if i in definition.arg_attr else {}
    return '%s: %s%s' % (_short(arg.name), type_name(arg.type), _attrs(attrs, attr_text, names))


def function_def_lines(graph_def, names, attr_text, type_name):
    """One header for each function that the graph uses, by the names it has there, then its nodes."""
    definitions = {function.signature.name: function for function in graph_def.library.function}
    lines = []
    for name, short in names.functions.items():
        definition = definitions[name]
        signature = definition.signature
        arguments = [
            _argument(i, arg, definition, attr_text, type_name, names) for i, arg in enumerate(signature.input_arg)
        ]
        results = [
            '%s: %s = %s' % (arg.name, type_name(arg.type), _short(definition.ret[arg.name]))
            for arg in signature.output_arg
        ]
        results += ['^%s = %s' % (name, definition.control_ret[name]) for name in signature.control_output]
        kind = 'stateful' if signature.is_stateful else 'stateless'
        lines.append('%s(%s) -> (%s) %s%s' % (
            short, ', '.join(arguments), ', '.join(results), kind, _attrs(definition.attr, attr_text, names)))
        for node in definition.node_def:
            inputs = [_short(i) for i in node.input]
            lines.append('  %s = %s(%s)' % (node.name, node.op, ', '.join(inputs)))
    return lines
