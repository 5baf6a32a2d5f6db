# The protocol of TensorBoard's event files as TypeScript, from the definitions that TensorBoard itself is published with.
#   pip install tensorboard && npm install @bufbuild/protoc-gen-es
#   python tooling/reference/tensorboard_protocol.py node_modules/.bin/protoc-gen-es packages/cli/src/tensorboard/protocol
import os, subprocess, sys
from google.protobuf.compiler import plugin_pb2
from google.protobuf import descriptor_pb2
from tensorboard.compat.proto import event_pb2

plugin, out = sys.argv[1:]
request = plugin_pb2.CodeGeneratorRequest(parameter="target=ts,import_extension=js")
files = []

def add(file):
    for needed in file.dependencies:
        add(needed)
    if file.name in [f.name for f in request.proto_file]:
        return
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    request.proto_file.append(proto)
    request.file_to_generate.append(file.name)

add(event_pb2.DESCRIPTOR)
answer = plugin_pb2.CodeGeneratorResponse.FromString(
    subprocess.run([plugin], input=request.SerializeToString(), stdout=subprocess.PIPE, check=True).stdout)
if answer.error:
    sys.exit(answer.error)
for file in answer.file:
    path = os.path.join(out, os.path.basename(file.name))
    os.makedirs(out, exist_ok=True)
    open(path, "w").write(file.content)
    print(path, len(file.content))
