/**
 * The arguments with which a Python prints the folder of an installed package, or nothing, without importing it: the import
 * alone can take seconds. `-I` keeps the current folder, PYTHONPATH and start-up files out; packages that `pip install
 * --user` put into the person's home are found all the same. A folder without `__init__.py` is no package.
 */
export function pythonPackageQuestion(name: string): string[] {
  return ["-I", "-c", question, name];
}

const question = `
import importlib.util, os, site, sys
user = site.getusersitepackages()
if sys.prefix == sys.base_prefix and os.path.isabs(user) and not os.environ.get("PYTHONNOUSERSITE"):
    sys.path.append(user)
found = importlib.util.find_spec(sys.argv[1])
print(os.path.dirname(found.origin) if found and found.has_location and os.path.isabs(found.origin) else "")
`;
