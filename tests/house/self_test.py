"""The checks of the house notice what they are for, and nothing else."""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
import check  # noqa: E402

ONE = """
// struct Comment { };
#define SHAPE struct Macro { }
namespace iiifbench {
struct Room;                       // declared, not defined
struct Part { int door = 0; struct Inner { int x; }; };
enum class Side : int { kLeft, kRight };
template <typename T> class Holder final : public Base<T> { T value; };
namespace { struct Own { const char* text = "struct Text {"; }; }
namespace deep { struct Part { char brace = '{'; }; }
struct stat Of(const char* path) { struct Local { int a; } local; return {}; }
}  // namespace iiifbench
"""
OTHER = """
namespace iiifbench::deep { struct Room { }; }
namespace iiifbench { namespace { struct Own { }; } struct Local { }; struct Inner { }; }
namespace iiifbench { struct Part::More { }; }
namespace other { struct Side { }; }
"""


def clashes(other):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for room in ("kernels", "data", "benchmarks", "harness", "examples", "tests"):
            (root / room).mkdir()
        (root / "kernels" / "one.h").write_text(ONE, encoding="utf-8")
        (root / "harness" / "other.cc").write_text(other, encoding="utf-8")
        return check.doubled_types(root)


def main():
    expected = ["iiifbench::Part", "iiifbench::Side", "iiifbench::Holder", "iiifbench::deep::Part"]
    found = check.types_defined(ONE)
    assert found == expected, found
    assert clashes(OTHER) == [], clashes(OTHER)
    for clash in (
        "namespace iiifbench { struct Part { }; }",
        "namespace iiifbench { enum class Side { kUp }; }",
        "namespace iiifbench { template <typename T> class Holder { }; }",
        "namespace iiifbench { namespace deep { class Part { }; } }",
    ):
        assert len(clashes(clash)) == 1, clash
    return 0


if __name__ == "__main__":
    sys.exit(main())
