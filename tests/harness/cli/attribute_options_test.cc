// The command that a result names must ask for the same work again.
#include "harness/cli/attribute_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

TEST(AttributeOptionsTest, TheCommandNamesWhatChangesTheAnswer) {
  AttributeOptions options;
  options.server = "iipsrv";
  options.recipes = {"tiff_deflate", "jp2_10to1"};
  options.given_options = {"a=b"};
  options.levels = 2;
  options.clients = 8;
  options.small = options.interpose = options.attempt = true;
  EXPECT_EQ(
      AttributeCommand(options, "map.tif"),
      "iiifbench attribute --server iipsrv --recipes tiff_deflate,jp2_10to1 --server-option a=b "
      "--levels 2 --clients 8 --small --interpose --try --budget 60 --seed 1");
}

TEST(AttributeOptionsTest, AnUrlStandsWithTheNameOfItsSource) {
  AttributeOptions options;
  options.url = "http://127.0.0.1:80/iiif/2/map.jpg";
  options.link_ms = 46;
  EXPECT_EQ(AttributeCommand(options, "/somewhere/map.jpg"),
            "iiifbench attribute http://127.0.0.1:80/iiif/2/map.jpg --source map.jpg --link 46 "
            "--budget 60 "
            "--seed 1");
}

}  // namespace
}  // namespace iiifbench
