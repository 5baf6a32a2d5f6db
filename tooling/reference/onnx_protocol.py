# The protocol of ONNX files as TypeScript, from the definitions that onnx itself is published with.
#   pip install onnx && npm install @bufbuild/protoc-gen-es
#   python tooling/reference/onnx_protocol.py node_modules/.bin/protoc-gen-es packages/export/src/onnx/protocol
import os, subprocess, sys
from google.protobuf.compiler import plugin_pb2
from google.protobuf import descriptor_pb2
from onnx import onnx_ml_pb2

plugin, out = sys.argv[1:]
request = plugin_pb2.CodeGeneratorRequest(parameter="target=ts,import_extension=js")
proto = descriptor_pb2.FileDescriptorProto()
onnx_ml_pb2.DESCRIPTOR.CopyToProto(proto)
request.proto_file.append(proto)
request.file_to_generate.append(proto.name)
answer = plugin_pb2.CodeGeneratorResponse.FromString(
    subprocess.run([plugin], input=request.SerializeToString(), stdout=subprocess.PIPE, check=True).stdout)
if answer.error:
    sys.exit(answer.error)
for file in answer.file:
    path = os.path.join(out, os.path.basename(file.name))
    os.makedirs(out, exist_ok=True)
    open(path, "w").write(file.content)
    print(path, len(file.content))
