"""redis-py, unmodified, against the server whose port is the first argument."""

import sys
import threading
import unittest

import redis

PORT = int(sys.argv.pop(1))


class Values(unittest.TestCase):
    """Both protocols give the same answers, in the shapes that redis-py promises."""

    def setUp(self):
        self.clients = [redis.Redis(port=PORT, protocol=protocol, decode_responses=True) for protocol in (2, 3)]
        self.clients[0].flushall()

    def tearDown(self):
        for client in self.clients:
            client.close()

    def test_types(self):
        for client in self.clients:
            client.flushall()
            self.assertTrue(client.set("text", "한국어", ex=100))
            self.assertEqual((client.get("text"), client.ttl("text")), ("한국어", 100))
            client.rpush("list", *range(200))
            self.assertEqual(client.lrange("list", -2, -1), ["198", "199"])
            client.hset("hash", mapping={"a": 1, "b": 2})
            self.assertEqual(client.hgetall("hash"), {"a": "1", "b": "2"})
            client.zadd("scores", {"x": 1.5, "y": 2})
            # Pairs come as tuples or as lists, by the protocol.
            scores = client.zrange("scores", 0, -1, withscores=True)
            self.assertEqual([tuple(pair) for pair in scores], [("x", 1.5), ("y", 2.0)])
            client.sadd("set", "m", "n")
            self.assertEqual(client.smembers("set"), {"m", "n"})
            client.geoadd("map", (126.9780, 37.5665, "Seoul", 129.0756, 35.1796, "Busan"))
            self.assertAlmostEqual(client.geodist("map", "Seoul", "Busan", unit="km"), 325.2, delta=1)
            client.pfadd("seen", *range(1000))
            self.assertAlmostEqual(client.pfcount("seen"), 1000, delta=30)
            with self.assertRaisesRegex(redis.ResponseError, "WRONGTYPE"):
                client.lpush("text", 1)

    def test_streams(self):
        for client in self.clients:
            client.flushall()
            client.xadd("stream", {"f": "v"}, id="1-1")
            client.xgroup_create("stream", "group", id="0")
            self.assertEqual(client.xrange("stream"), [("1-1", {"f": "v"})])
            self.assertEqual(len(client.xreadgroup("group", "me", {"stream": ">"})), 1)
            self.assertEqual(client.xpending("stream", "group")["pending"], 1)
            self.assertEqual(client.xack("stream", "group", "1-1"), 1)

    def test_transactions_and_scripts(self):
        for client in self.clients:
            client.flushall()
            with client.pipeline() as pipe:
                pipe.watch("n")
                pipe.multi()
                pipe.incr("n").incr("n")
                client.set("n", 10)
                self.assertRaises(redis.WatchError, pipe.execute)
            self.assertEqual(client.pipeline().incr("n").get("n").execute(), [11, "11"])
            script = client.register_script("return {KEYS[1], redis.call('get', KEYS[1])}")
            self.assertEqual(script(keys=["n"]), ["n", "11"])
            client.function_load("#!lua name=lib\nredis.register_function('one', function() return 1 end)", replace=True)
            self.assertEqual(client.fcall("one", 0), 1)

    def test_scans(self):
        for client in self.clients:
            client.mset({f"scan:{n}": n for n in range(2000)})
            self.assertEqual(len(set(client.scan_iter("scan:*", count=100))), 2000)


class Connections(unittest.TestCase):
    """What goes on between clients."""

    def test_messages(self):
        for protocol in (2, 3):
            with redis.Redis(port=PORT, protocol=protocol) as client, client.pubsub() as listener:
                listener.subscribe("news")
                self.assertEqual(listener.get_message(timeout=5)["type"], "subscribe")
                self.assertEqual(client.publish("news", "hello"), 1)
                self.assertEqual(listener.get_message(timeout=5)["data"], b"hello")

    def test_blocked_clients(self):
        with redis.Redis(port=PORT) as client, redis.Redis(port=PORT) as waiter:
            popped = []
            thread = threading.Thread(target=lambda: popped.append(waiter.blpop("later", 10)))
            thread.start()
            client.rpush("later", "now")
            thread.join()
            self.assertEqual(popped, [(b"later", b"now")])

    def test_a_tracked_key_leaves_the_client_cache(self):
        cache = redis.cache.CacheConfig()
        with redis.Redis(port=PORT, protocol=3, cache_config=cache) as client, redis.Redis(port=PORT) as other:
            other.set("tracked", 1)
            self.assertEqual((client.get("tracked"), client.get("tracked")), (b"1", b"1"))
            self.assertEqual(client.get_cache().size, 1)
            other.set("tracked", 2)
            self.assertEqual(client.get("tracked"), b"2")

    def test_what_the_server_tells_of_itself(self):
        with redis.Redis(port=PORT) as client:
            self.assertEqual(client.info("server")["redis_mode"], "standalone")
            self.assertGreater(client.command_count(), 200)
            self.assertEqual(client.config_get("maxmemory-policy"), {"maxmemory-policy": "noeviction"})
            client.client_setname("me")
            self.assertIn("me", [c["name"] for c in client.client_list()])
            self.assertEqual(client.acl_whoami(), "default")


if __name__ == "__main__":
    unittest.main()
